import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ListenTls } from '../../config/groups/listeners.js';
import { createMutualTlsServer } from './mutual-tls-server.js';

export interface HttpListener {
  readonly port: number;
  /** Accepts no more, lets running requests finish, ends idle connections. */
  readonly close: () => Promise<void>;
}

export interface ListenOptions {
  readonly app: RequestListener;
  readonly host: string;
  readonly port: number;
  /** Absent: plain HTTP. */
  readonly tls?: ListenTls | undefined;
}

/** Limits in milliseconds. Keep-alive outlives the edge's own idle time of 60 s, or the edge meets closed connections. */
const LIMITS = { requestTimeout: 10_000, headersTimeout: 5_000, keepAliveTimeout: 65_000 };

/** Rejects when the address cannot be had. */
export async function listenHttp({ app, host, port, tls }: ListenOptions): Promise<HttpListener> {
  const server: Server = tls === undefined ? createServer(LIMITS, app) : createMutualTlsServer(tls, LIMITS, app);
  server.maxHeadersCount = 64;
  server.maxRequestsPerSocket = 1_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise<void>((resolve) => {
        // A connection becomes idle when its request ends, which is after close() has looked.
        const sweeping = setInterval(() => server.closeIdleConnections(), 100);
        server.close(() => {
          clearInterval(sweeping);
          resolve();
        });
      }),
  };
}
