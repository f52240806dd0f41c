import type { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer, type Server, type ServerOptions } from 'node:https';
import { DEFAULT_CIPHERS, type TLSSocket } from 'node:tls';
import type { ListenTls } from '../../config/groups/listeners.js';

/**
 * Creates a server for one client. The TLS handshake fails without a certificate of the configured authority. A client whose
 * certificate has another name is disconnected before its first request is read. The files are read once.
 */
export function createMutualTlsServer(
  { caFile, certFile, keyFile, client }: ListenTls,
  limits: ServerOptions,
  app: RequestListener,
): Server {
  const server = createServer(
    {
      ...limits,
      ca: readFileSync(caFile),
      cert: readFileSync(certFile),
      key: readFileSync(keyFile),
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      // Security level 2 refuses weak keys and signatures (RSA below 2,048 bits, SHA-1). Node 20 and 22 are built with level 1.
      ciphers: `${DEFAULT_CIPHERS}:@SECLEVEL=2`,
    },
    app,
  );
  // Prepended, so that it runs before the listener that reads requests.
  return server.prependListener('secureConnection', (socket: TLSSocket) => {
    if (!hasDnsName(socket.getPeerX509Certificate(), client)) socket.destroy();
  });
}

/**
 * True if the certificate has exactly this DNS name; the common name does not count (RFC 6125 §6.4). OpenSSL compares
 * the names. Parsing the list of names as text would be unsafe, because other kinds of names may contain `, DNS:kong`.
 */
const hasDnsName = (certificate: X509Certificate | undefined, name: string): boolean =>
  certificate?.checkHost(name, { subject: 'never', wildcards: false }) !== undefined;
