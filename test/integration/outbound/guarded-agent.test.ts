import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createUrlGate } from '../../../domain/security/url-gate.js';
import { createGuardedAgents, type GuardedAgentOptions } from '../../../outbound/guarded-agent.js';
import { createPost } from '../../../outbound/post.js';
import { createAuthority } from '../../support/certificates.js';
import { answer, startReceiver, type Receiver } from '../../support/receiver.js';

const { ca } = createAuthority();
/** Everything passes the gate, so that only the agent is between the request and the receiver. */
const open = { http: true, anyPort: true, cidrs: [{ address: '0.0.0.0', prefix: 0, family: 'ipv4' as const }] };
const resolveTo =
  (...addresses: string[]) =>
  async () =>
    addresses.map((address) => ({ address, family: 4 as const }));

let receiver: Receiver;
beforeEach(async () => void (receiver = await startReceiver()));
afterEach(() => receiver.close());

function newPost(guard: Partial<GuardedAgentOptions>) {
  const agentFor = createGuardedAgents({ ca, permits: () => true, resolve: resolveTo('127.0.0.1'), ...guard });
  const post = createPost({ checkUrl: createUrlGate({ allow: open }), agentFor });
  return (url: string) => post({ url, body: Buffer.from('{}'), headers: {} });
}
const blocked = { kind: 'error', code: 'blocked' };

describe('the connect-time guard', () => {
  test('SSRF-06 refuses a request that waited in the agent queue, and the process goes on', async () => {
    receiver.behave(answer({ delayMs: 200 }));
    const post = newPost({ permits: (address) => address !== '10.0.0.1', maxTotalSockets: 1 });
    const running = post(receiver.url);
    const queued = [post('http://10.0.0.1/'), post('https://10.0.0.1/'), post(receiver.url)];
    expect(await running).toMatchObject({ kind: 'response' });
    expect(await Promise.all(queued)).toMatchObject([blocked, blocked, { kind: 'response', status: 200 }]);
  });

  test('SSRF-07 looks at the address that was connected to, and sends nothing there', async () => {
    const verdicts = [true, false];
    const post = newPost({ permits: () => verdicts.shift() ?? false });
    expect(await post(`http://hooks.acme.com:${receiver.port}/`)).toMatchObject(blocked);
    expect(receiver.requests).toHaveLength(0);
  });

  test('SSRF-07 does so before TLS begins', async () => {
    const bytes: Buffer[] = [];
    const server: Server = createServer().on('connection', (socket: Socket) => {
      socket.on('data', (chunk: Buffer) => bytes.push(chunk));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const verdicts = [true, false];
    const post = newPost({ permits: () => verdicts.shift() ?? false });
    const result = await post(`https://hooks.acme.com:${(server.address() as AddressInfo).port}/`);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect([result, bytes]).toMatchObject([blocked, []]);
  });

  test('tries the next address when one refuses, but at most four', async () => {
    const dead = ['127.0.0.2', '127.0.0.3', '127.0.0.4'];
    const url = `http://hooks.acme.com:${receiver.port}/`;
    const fourth = newPost({ resolve: resolveTo(...dead, '127.0.0.1') });
    expect(await fourth(url)).toMatchObject({ kind: 'response', status: 200 });
    const fifth = newPost({ resolve: resolveTo(...dead, '127.0.0.5', '127.0.0.1') });
    expect(await fifth(url)).toMatchObject({ kind: 'error', code: 'refused' });
  });

  test('a resolver that fails, whatever with, is a dns failure', async () => {
    const resolve = () => Promise.reject(new Error('queryA ESERVFAIL hooks.acme.com'));
    expect(await newPost({ resolve })('http://hooks.acme.com/')).toMatchObject({ kind: 'error', code: 'dns' });
    expect(await newPost({ resolve: resolveTo() })('http://hooks.acme.com/')).toMatchObject({ code: 'dns' });
  });

  test('refuses a socket path', async () => {
    const agent = createGuardedAgents({ ca, permits: () => true, resolve: resolveTo() })(new URL('http://a.b/'));
    const failure = await new Promise((resolve) => {
      agent.createConnection({ host: 'a.b', socketPath: '/run/docker.sock' }, resolve);
    });
    expect(failure).toMatchObject({ name: 'DestinationBlockedError', message: 'destination not allowed' });
  });
});
