import { readFileSync } from 'node:fs';

/** Where distributions keep their bundle: Debian and Alpine, Fedora and RHEL, openSUSE, others and macOS. */
const SYSTEM_CA_PATHS: readonly string[] = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

const CERTIFICATE = '-----BEGIN CERTIFICATE-----';

function readBundle(path: string): string | undefined {
  try {
    const bundle = readFileSync(path, 'utf8');
    return bundle.includes(CERTIFICATE) ? bundle : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reads the system's CA bundle, once at start. Node would otherwise trust the list it was compiled with.
 *
 * @throws Error when none of the paths holds a certificate: without it every delivery would fail one by one.
 */
export function readSystemCa(paths: readonly string[] = SYSTEM_CA_PATHS): string {
  for (const path of paths) {
    const bundle = readBundle(path);
    if (bundle !== undefined) return bundle;
  }
  throw new Error(`no system CA bundle found; install ca-certificates (looked at ${paths.join(', ')})`);
}
