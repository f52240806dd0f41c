import tls, { type PeerCertificate, type SecureContext } from 'node:tls';

/** Options of every TLS connection to a receiver. */
export interface TlsOptions {
  readonly secureContext: SecureContext;
  readonly rejectUnauthorized: true;
  readonly checkServerIdentity: (host: string, certificate: PeerCertificate) => Error | undefined;
}

/**
 * OpenSSL's level 2 (112 bits): it refuses RSA keys below 2,048 bits, elliptic curves below 224 and signatures with SHA-1
 * or MD5, in the whole chain. Node 20 and 22 are built with level 1.
 */
const SECURITY_LEVEL_2 = '@SECLEVEL=2';

/**
 * Compares the host with the certificate's alternative names only. Node's own check takes the common name where there is no
 * DNS name, which RFC 6125 §6.4.4 left behind and RFC 9525 §2 rules out.
 */
function checkServerIdentity(host: string, certificate: PeerCertificate): Error | undefined {
  const nameless = { ...certificate.subject, CN: '' };
  return tls.checkServerIdentity(host, { ...certificate, subject: nameless });
}

/**
 * TLS 1.2 or later, certificates of `ca` (PEM) only. The context is made here, once: Node makes one for each connection that
 * brings none, and parses the whole bundle for it (30 ms of the event loop for the 144 certificates of Debian). A bundle that
 * changes is taken up at the next start.
 */
export function createTlsOptions(ca: string | readonly string[]): TlsOptions {
  const secureContext = tls.createSecureContext({
    ca: typeof ca === 'string' ? ca : [...ca],
    ciphers: `${tls.DEFAULT_CIPHERS}:${SECURITY_LEVEL_2}`,
    // Said explicitly, as `rejectUnauthorized` is: NODE_OPTIONS and NODE_TLS_REJECT_UNAUTHORIZED change defaults only.
    minVersion: 'TLSv1.2',
  });
  return { secureContext, rejectUnauthorized: true, checkServerIdentity };
}
