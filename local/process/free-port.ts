import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

const returnedPorts = new Set<number>();

/**
 * Finds a TCP port on 127.0.0.1 that no process listens on. It lies below the range from which systems take ports for
 * outgoing connections (32768 and up on Linux, 49152 on macOS): the port of a stopped server must stay free until its
 * restart, and a client that retries must not connect to itself.
 */
export const freePort = async (): Promise<number> => {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = randomInt(15_000, 32_000);
    if (returnedPorts.has(port) || !(await isFree(port))) continue;
    returnedPorts.add(port);
    return port;
  }
  throw new Error('no free port between 15000 and 32000 on 127.0.0.1');
};

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1' }, () => server.close(() => resolve(true)));
  });
