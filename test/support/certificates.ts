import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Certificate = { cert: string; key: string };
export type CertificateOptions = {
  /** Subject alternative names, as openssl writes them: `DNS:a.example,IP:127.0.0.1`. */
  names: string;
  /** Negative for a certificate that has expired already. */
  days?: number;
  /** Absent: for any purpose. */
  usage?: 'serverAuth' | 'clientAuth';
  /** An RSA key of this length. Absent: an elliptic curve. */
  rsaBits?: number;
};

export type Authority = {
  /** PEM of the authority's own certificate. */
  ca: string;
  issue: (options: CertificateOptions) => Certificate;
};

const CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Runs `work` in a directory of its own that is removed afterwards, keys and all. */
function inScratch<T>(work: (path: (name: string) => string, openssl: (...args: string[]) => void) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'certificates-'));
  try {
    const openssl = (...args: string[]) => void execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' });
    return work((name) => join(directory, name), openssl);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

export function selfSigned({ names }: { names: string }): Certificate {
  return inScratch((path, openssl) => {
    const subject = ['-subj', '/CN=self-signed', '-addext', `subjectAltName=${names}`];
    openssl('req', '-x509', ...CURVE, '-days', '2', '-keyout', 'key.pem', '-out', 'cert.pem', ...subject);
    return { cert: readFileSync(path('cert.pem'), 'utf8'), key: readFileSync(path('key.pem'), 'utf8') };
  });
}

/** An authority made for one test run. */
export function createAuthority(): Authority {
  const root = selfSigned({ names: 'DNS:authority' });
  return {
    ca: root.cert,
    issue: ({ names, days = 2, usage, rsaBits }) =>
      inScratch((path, openssl) => {
        writeFileSync(path('ca.pem'), root.cert);
        writeFileSync(path('ca-key.pem'), root.key);
        const extensions = [`subjectAltName=${names}`, ...(usage === undefined ? [] : [`extendedKeyUsage=${usage}`])];
        writeFileSync(path('names.cnf'), extensions.join('\n'));
        const newKey = rsaBits === undefined ? CURVE : ['-newkey', `rsa:${rsaBits}`, '-nodes'];
        openssl('req', '-new', ...newKey, '-keyout', 'key.pem', '-out', 'request.pem', '-subj', '/CN=receiver');
        const issuer = ['-CA', 'ca.pem', '-CAkey', 'ca-key.pem', '-CAcreateserial', '-extfile', 'names.cnf'];
        openssl('x509', '-req', '-in', 'request.pem', '-out', 'cert.pem', '-days', String(days), ...issuer);
        return { cert: readFileSync(path('cert.pem'), 'utf8'), key: readFileSync(path('key.pem'), 'utf8') };
      }),
  };
}
