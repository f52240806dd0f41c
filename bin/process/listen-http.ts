import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ListenTls } from '../../config/groups/listeners.js';
import { createMutualTlsServer } from './mutual-tls-server.js';

export interface HttpListener {
  readonly port: number;
  /** Stops accepting connections, waits for running requests and closes idle connections. */
  readonly close: () => Promise<void>;
}

export interface ListenOptions {
  readonly app: RequestListener;
  readonly host: string;
  readonly port: number;
  /** Absent: plain HTTP. */
  readonly tls?: ListenTls | undefined;
}

/**
 * Milliseconds. The keep-alive time is longer than the 60 s after which the edge closes idle connections. Otherwise the
 * edge would send requests on connections that this server has just closed.
 */
const LIMITS = { requestTimeout: 10_000, headersTimeout: 5_000, keepAliveTimeout: 65_000 };

/** Starts listening. Rejects if the address is not available. */
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
        // close() closes only connections that are idle at that moment. Others become idle when their request ends.
        const sweeping = setInterval(() => server.closeIdleConnections(), 100);
        server.close(() => {
          clearInterval(sweeping);
          resolve();
        });
      }),
  };
}
