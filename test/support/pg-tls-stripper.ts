import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Certificate } from './certificates.js';

export interface PgTlsStripper {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** Speaks TLS with the client, under a certificate of its own, and clear text with the PostgreSQL behind it. */
export async function startPgTlsStripper(certificate: Certificate, upstreamPort: number): Promise<PgTlsStripper> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(upstreamPort, '127.0.0.1');
    for (const socket of [client, upstream]) keep(sockets, socket);
    // The client's SSLRequest: eight bytes, answered with one (PostgreSQL documentation, "SSL Session Encryption").
    client.once('data', () => {
      client.write('S');
      const inside = new TLSSocket(client, { isServer: true, ...certificate });
      keep(sockets, inside);
      inside.pipe(upstream).pipe(inside);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  return { port: (server.address() as AddressInfo).port, close };
}

function keep(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.on('error', () => socket.destroy());
  socket.on('close', () => sockets.delete(socket));
}
