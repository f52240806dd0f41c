import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from '../../local/process/run-program.js';
import { HOSTS_ZONE } from './bench-hosts.js';

/** Paths of PEM files. */
export interface Certificates {
  /** The authority's own certificate, which the services are told to trust. */
  readonly caFile: string;
  /** For 127.0.0.1 and every host of the bench's zone. */
  readonly certFile: string;
  readonly keyFile: string;
}

const CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
const DAYS = ['-days', '2'];
const NAMES = ['IP:127.0.0.1', `DNS:*.${HOSTS_ZONE}`, `DNS:*.after-20.${HOSTS_ZONE}`].join(',');

/**
 * An authority and one certificate of it for all https receivers, made by `openssl` in `dir`. ECDSA keys, as public
 * authorities issue them today: RSA would measure the receiver's signatures.
 *
 * @throws Error with the output of openssl, or where it is not installed.
 */
export async function issueCertificates(dir: string): Promise<Certificates> {
  const path = (name: string) => join(dir, name);
  const [caFile, caKey, certFile, keyFile] = [path('ca.pem'), path('ca-key.pem'), path('cert.pem'), path('key.pem')];
  const [request, extensions] = [path('request.pem'), path('extensions.cnf')];
  await openssl('req', '-x509', ...CURVE, ...DAYS, '-keyout', caKey, '-out', caFile, '-subj', '/CN=bench authority');
  await writeFile(extensions, `subjectAltName=${NAMES}\nextendedKeyUsage=serverAuth\n`);
  await openssl('req', '-new', ...CURVE, '-keyout', keyFile, '-out', request, '-subj', '/CN=bench receiver');
  const issuer = ['-CA', caFile, '-CAkey', caKey, '-CAcreateserial', '-extfile', extensions];
  await openssl('x509', '-req', '-in', request, '-out', certFile, ...DAYS, ...issuer);
  return { caFile, certFile, keyFile };
}

async function openssl(...args: readonly string[]): Promise<void> {
  const { code, output } = await runProgram('openssl', args, { env: { PATH: OPENSSL_PATH }, timeoutMs: 20_000 });
  if (code !== 0) throw new Error(`openssl ${args[0] ?? ''} ended with ${code}: ${output}`);
}

/** Where systems install it. */
const OPENSSL_PATH = '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin';
