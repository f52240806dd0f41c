import tls, { type SecureContext } from 'node:tls';

/** What every TLS connection to a receiver is opened with. */
export interface TlsOptions {
  readonly secureContext: SecureContext;
  readonly rejectUnauthorized: true;
}

/**
 * TLS 1.2 or later, certificates of `ca` (PEM) only. The context is made here, once: Node makes one for each connection that
 * brings none, and parses the whole bundle for it (30 ms of the event loop for the 144 certificates of Debian). A bundle that
 * changes is taken up at the next start.
 */
export function createTlsOptions(ca: string | readonly string[]): TlsOptions {
  const authorities = typeof ca === 'string' ? ca : [...ca];
  // Both said explicitly: NODE_OPTIONS or NODE_TLS_REJECT_UNAUTHORIZED change only what is left to the default.
  return {
    secureContext: tls.createSecureContext({ ca: authorities, minVersion: 'TLSv1.2' }),
    rejectUnauthorized: true,
  };
}
