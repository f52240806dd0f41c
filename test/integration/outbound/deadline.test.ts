import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseOutboundAllow } from '../../../domain/security/outbound-allow.js';
import { createGuardedPost } from '../../../outbound/guarded-post.js';
import { createAuthority } from '../../support/certificates.js';
import { startDnsServer, type DnsServer } from '../../support/dns-server.js';
import { newEndpoint } from '../../support/new-endpoint.js';
import { endlessBody, neverAnswer, startReceiver, type Receiver } from '../../support/receiver.js';

const { ca } = createAuthority();
const allow = parseOutboundAllow('http,any-port,127.0.0.1');
const body = Buffer.from('{}');

let names: DnsServer;
let receiver: Receiver;
beforeAll(async () => {
  names = await startDnsServer(() => undefined);
  receiver = await startReceiver(neverAnswer());
});
afterAll(() => Promise.all([names.close(), receiver.close()]));

const options = () => ({ ca, ipv6: false, allow, keepAlive: true, nameServers: [names.address] });
const newPost = () => createGuardedPost(options()).post;

/** A TCP server that writes as `talk` says and ignores the request. */
async function startTalker(talk: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    socket.resume();
    talk(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    sockets.forEach((socket) => socket.destroy());
    return new Promise((resolve) => server.close(resolve));
  };
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

const LISTEN = `require('node:net').createServer()
  .listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () { console.log(this.address().port); })`;

/** A port that accepts no connection: its process is stopped and its queue is full, so the kernel drops connection attempts. */
async function startDeafListener() {
  const child = spawn(process.execPath, ['-e', LISTEN], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  child.kill('SIGSTOP');
  const queued = Array.from({ length: 4 }, () => connect(Number(port), '127.0.0.1').on('error', () => {}));
  const close = async () => {
    queued.forEach((socket) => socket.destroy());
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { host: `127.0.0.1:${String(port).trim()}`, close };
}

function drip(socket: Socket, start: string, piece: string): void {
  socket.write(start);
  const timer = setInterval(() => socket.write(piece), 100);
  socket.once('close', () => clearInterval(timer));
}

describe('the five seconds', () => {
  test('HTTP-01 end every phase in which a receiver can be slow', async () => {
    const post = newPost();
    const timed = async (url: string) => {
      const startedAt = performance.now();
      const result = await post({ endpoint: newEndpoint(), url, body, headers: {} });
      return { result, wallMs: performance.now() - startedAt };
    };
    const deaf = await startDeafListener();
    const mute = await startTalker(() => {});
    const dripping = await startTalker((socket) => drip(socket, 'HTTP/1.1 200 OK\r\n', 'x-a: b\r\n'));
    const continuing = await startTalker((socket) => drip(socket, '', 'HTTP/1.1 102 Processing\r\n\r\n'));
    const bodyDrip = await startReceiver(endlessBody({ everyMs: 100 }));
    const timeouts = [`http://${deaf.host}/`, `https://${mute.host}/`, receiver.url];
    timeouts.push(`http://${dripping.host}/`, `http://${continuing.host}/`);
    const all = await Promise.all([...timeouts, 'http://silent.acme.com/', bodyDrip.url].map(timed));
    await Promise.all([deaf, mute, dripping, continuing, bodyDrip].map(({ close }) => close()));

    for (const { wallMs } of all) expect(wallMs).toBeLessThan(8000);
    for (const { result } of all.slice(0, timeouts.length)) {
      expect(result).toMatchObject({ kind: 'error', code: 'timeout' });
      expect(result.durationMs).toBeGreaterThan(4900);
    }
    const [dns, dripped] = all.slice(timeouts.length).map(({ result }) => result);
    expect(dns).toMatchObject({ kind: 'error', code: expect.stringMatching(/^(dns|timeout)$/) });
    expect(dripped).toMatchObject({ kind: 'response', status: 200, truncated: true });
  });

  test('HTTP-06 end all of 20 hanging requests although memory is collected all the time', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const timer = setInterval(collect, 50);
    const post = newPost();
    const hanging = Array.from({ length: 20 }, () =>
      post({ endpoint: newEndpoint(), url: receiver.url, body, headers: {}, timeoutMs: 1000 }),
    );
    const results = await Promise.all(hanging);
    clearInterval(timer);
    for (const result of results) {
      expect(result).toMatchObject({ kind: 'error', code: 'timeout' });
      expect(result.durationMs).toBeLessThan(8000);
    }
  });
});
