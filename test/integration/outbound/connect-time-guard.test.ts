import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createUrlGate } from '../../../domain/security/url-gate.js';
import { createFindAddresses, type FindAddressesDeps } from '../../../outbound/find-addresses.js';
import { createOpenSocket } from '../../../outbound/open-socket.js';
import { createPost } from '../../../outbound/post.js';
import { createTlsOptions } from '../../../outbound/tls-options.js';
import { createAuthority } from '../../support/certificates.js';
import { newEndpoint } from '../../support/new-endpoint.js';
import { answer, startReceiver, type Receiver } from '../../support/receiver.js';

const tlsOptions = createTlsOptions(createAuthority().ca);
/** Everything passes the gate, so that only the connect-time guard is between the request and the receiver. */
const open = { http: true, anyPort: true, cidrs: [{ address: '0.0.0.0', prefix: 0, family: 'ipv4' as const }] };
const resolveTo =
  (...addresses: string[]) =>
  async () =>
    addresses.map((address) => ({ address, family: 4 as const }));

let receiver: Receiver;
beforeEach(async () => void (receiver = await startReceiver()));
afterEach(() => receiver.close());

function newPost(guard: Partial<FindAddressesDeps>) {
  const deps = { isAllowed: () => true, resolve: resolveTo('127.0.0.1'), ...guard };
  const findAddresses = createFindAddresses(deps);
  const openSocket = createOpenSocket({ isAllowed: deps.isAllowed, tlsOptions });
  const post = createPost({
    checkUrl: createUrlGate({ allow: open }),
    findAddresses,
    openSocket,
    now: () => performance.now(),
  });
  return (url: string) => post({ endpoint: newEndpoint(), url, body: Buffer.from('{}'), headers: {} });
}
/** A TCP server that only watches. */
async function startWitness() {
  const bytes: Buffer[] = [];
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on('data', (chunk: Buffer) => bytes.push(chunk)).on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, bytes, connections: () => connections, close: () => new Promise((done) => server.close(done)) };
}
const blocked = { kind: 'error', code: 'blocked' };

describe('the connect-time guard', () => {
  test('SSRF-06 refuses a request while others run, and the process goes on', async () => {
    receiver.behave(answer({ delayMs: 200 }));
    const post = newPost({ isAllowed: (address) => address !== '127.0.0.9' });
    const running = post(receiver.url);
    const later = [post('http://127.0.0.9/'), post('https://127.0.0.9/'), post(receiver.url)];
    expect(await running).toMatchObject({ kind: 'response' });
    expect(await Promise.all(later)).toMatchObject([blocked, blocked, { kind: 'response', status: 200 }]);
  });

  test('SSRF-07 looks at the address that was connected to, and sends nothing there', async () => {
    const verdicts = [true, false];
    const post = newPost({ isAllowed: () => verdicts.shift() ?? false });
    expect(await post(`http://hooks.acme.com:${receiver.port}/`)).toMatchObject(blocked);
    expect(receiver.requests).toHaveLength(0);
  });

  test('SSRF-07 does so before TLS begins', async () => {
    const witness = await startWitness();
    const verdicts = [true, false];
    const post = newPost({ isAllowed: () => verdicts.shift() ?? false });
    const result = await post(`https://hooks.acme.com:${witness.port}/`);
    await witness.close();
    expect(result).toMatchObject(blocked);
    expect(Buffer.concat(witness.bytes).toString()).toBe('');
  });

  test('refuses a literal without connecting to it', async () => {
    const witness = await startWitness();
    const post = newPost({ isAllowed: (address) => address !== '127.0.0.1' });
    const results = [await post(`http://127.0.0.1:${witness.port}/`), await post(`https://127.0.0.1:${witness.port}/`)];
    await witness.close();
    expect([results, witness.connections()]).toMatchObject([[blocked, blocked], 0]);
  });

  test('tries the next address when one refuses, but at most four', async () => {
    const dead = ['127.0.0.2', '127.0.0.3', '127.0.0.4'];
    const url = `http://hooks.acme.com:${receiver.port}/`;
    const fourth = newPost({ resolve: resolveTo(...dead, '127.0.0.1') });
    expect(await fourth(url)).toMatchObject({ kind: 'response', status: 200 });
    const fifth = newPost({ resolve: resolveTo(...dead, '127.0.0.5', '127.0.0.1') });
    expect(await fifth(url)).toMatchObject({ kind: 'error', code: 'refused' });
  });

  test('a resolver that fails with any error is a dns failure', async () => {
    const resolve = () => Promise.reject(new Error('queryA ESERVFAIL hooks.acme.com'));
    expect(await newPost({ resolve })('http://hooks.acme.com/')).toMatchObject({ kind: 'error', code: 'dns' });
    expect(await newPost({ resolve: resolveTo() })('http://hooks.acme.com/')).toMatchObject({ code: 'dns' });
  });
});
