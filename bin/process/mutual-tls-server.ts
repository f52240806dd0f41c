import type { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer, type Server, type ServerOptions } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { ListenTls } from '../../config/groups/listeners.js';

/**
 * A server that talks to one client only: the handshake fails without a certificate of the authority, and a certificate
 * with another name is disconnected before a request of it is read. Files are read once.
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
    },
    app,
  );
  // Before the listener that reads requests.
  return server.prependListener('secureConnection', (socket: TLSSocket) => {
    if (!isNamed(socket.getPeerX509Certificate(), client)) socket.destroy();
  });
}

/**
 * Only a DNS name of exactly this text (RFC 6125 §6.4: a common name is no name). OpenSSL compares: the list of names as text
 * would have to be taken apart, and other kinds of names may contain `, DNS:kong`.
 */
const isNamed = (certificate: X509Certificate | undefined, name: string): boolean =>
  certificate?.checkHost(name, { subject: 'never', wildcards: false }) !== undefined;
