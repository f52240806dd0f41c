import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { Agent, createServer, request, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { closeIdleAtRandom } from '../../../bench/close-idle.js';

let server: Server;
let agent: Agent;
beforeEach(async () => {
  server = createServer((_, response) => response.end());
  agent = new Agent({ keepAlive: true });
  server.keepAliveTimeout = 0;
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterEach(() => {
  agent.destroy();
  server.closeAllConnections();
  server.close();
});

/** Answers the connection that a request was made on, once its answer has been read. */
async function connectionOf(): Promise<Socket> {
  const { port } = server.address() as AddressInfo;
  const asked = request({ host: '127.0.0.1', port, agent }).end();
  const [response] = (await once(asked, 'response')) as [NodeJS.ReadableStream];
  await once(response.resume(), 'end');
  return asked.socket!;
}

test('an idle connection is closed by the receiver', async () => {
  closeIdleAtRandom(server, 0);
  const socket = await connectionOf();
  if (!socket.closed) await once(socket, 'close');
  expect(socket.destroyed).toBe(true);
});

test('a connection that is used again in time is not', async () => {
  closeIdleAtRandom(server, 3_600_000);
  const first = await connectionOf();
  expect(await connectionOf()).toBe(first);
  expect(first.destroyed).toBe(false);
});
