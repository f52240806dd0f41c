import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Certificate } from './certificates.js';

export interface ChainLink {
  readonly commonName: string;
  /** As an openssl extension file writes them: `basicConstraints=critical,CA:true`. */
  readonly extensions: readonly string[];
  /** What `openssl req -newkey` gets; an elliptic curve if nothing is said. */
  readonly newKey?: readonly string[];
  /** Of the signature on this certificate. */
  readonly digest?: 'sha256' | 'sha1' | 'md5';
}

/** The first is the root, each one signs the next, the last one is served, with those between. */
export function createChain(links: readonly ChainLink[]): { ca: string; served: Certificate } {
  const directory = mkdtempSync(join(tmpdir(), 'chain-'));
  try {
    links.forEach((link, index) => issue(directory, link, index));
    const read = (name: string) => readFileSync(join(directory, name), 'utf8');
    const last = links.length - 1;
    const below = links.map((_, index) => read(`${index}.pem`)).slice(1);
    return { ca: read('0.pem'), served: { cert: below.reverse().join(''), key: read(`${last}.key`) } };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function issue(directory: string, link: ChainLink, index: number): void {
  const { commonName, extensions, newKey = ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'] } = link;
  const openssl = (...args: string[]) => void execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' });
  const [request, key] = [`${index}.csr`, `${index}.key`];
  openssl('req', '-new', '-newkey', ...newKey, '-nodes', '-keyout', key, '-out', request, '-subj', `/CN=${commonName}`);
  writeFileSync(join(directory, 'extensions.cnf'), extensions.join('\n'));
  const above = index - 1;
  const issuer = index === 0 ? ['-signkey', key] : ['-CA', `${above}.pem`, '-CAkey', `${above}.key`, '-CAcreateserial'];
  const how = ['-days', '2', `-${link.digest ?? 'sha256'}`, '-extfile', 'extensions.cnf'];
  openssl('x509', '-req', '-in', request, '-out', `${index}.pem`, ...issuer, ...how);
}
