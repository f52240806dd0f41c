import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Closes each connection some time after an answer, unless the next request has come before: at a random moment within
 * `withinMs` milliseconds, as servers under load or balancers that are replaced do. No header announces it.
 */
export function closeIdleAtRandom(server: Server, withinMs: number): void {
  const timers = new WeakMap<Socket, NodeJS.Timeout>();
  server.on('request', ({ socket }, response) => {
    clearTimeout(timers.get(socket));
    response.once('finish', () => {
      const close = () => socket.destroySoon();
      timers.set(socket, setTimeout(close, Math.random() * withinMs).unref());
    });
  });
}
