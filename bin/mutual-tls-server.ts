import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer, type Server, type ServerOptions } from 'node:https';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import type { ListenTls } from '../config/groups/listeners.js';

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
    if (!namesOf(socket.getPeerCertificate()).includes(client)) socket.destroy();
  });
}

/** DNS names of the certificate (RFC 6125 §6.4: a common name is no name). */
const namesOf = ({ subjectaltname = '' }: Partial<PeerCertificate>): string[] =>
  subjectaltname.split(', ').flatMap((name) => (name.startsWith('DNS:') ? [name.slice('DNS:'.length)] : []));
