import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { afterEach, expect, test } from '@jest/globals';
import { parseOutboundAllow } from '../../../domain/security/outbound-allow.js';
import { packageRoot } from '../../../local/process/package-root.js';
import { createGuardedPost } from '../../../outbound/guarded-post.js';
import { createAuthority } from '../../support/certificates.js';
import { eventually } from '../../support/eventually.js';
import { newEndpoint } from '../../support/new-endpoint.js';
import { answerBytes, startScriptedServer, type Script, type ScriptedServer } from '../../support/scripted-server.js';

const authority = createAuthority();
const tls = authority.issue({ names: 'IP:127.0.0.1' });
const allow = parseOutboundAllow('http,127.0.0.0/8,any-port');
const { post } = createGuardedPost({ ca: authority.ca, ipv6: false, allow, keepAlive: true });
const postTo = (url: string, body = Buffer.from('{}')) => post({ endpoint: newEndpoint(), url, body, headers: {} });

const LONG = 'keep-alive: timeout=60\r\n';
const answering: Script = (socket) => socket.write(answerBytes('ok', LONG));
const success = { kind: 'response', status: 200 };

let server: ScriptedServer;
afterEach(() => server.close());

test('HTTP-10 bytes in a TLS record of their own, in the same packet as the answer, close a connection', async () => {
  const fragment = 512;
  const padding = 'p'.repeat(fragment - answerBytes('ok', `${LONG}x-p: \r\n`).length);
  server = await startScriptedServer(
    (socket) => {
      if (socket instanceof TLSSocket) socket.setMaxSendFragment(fragment);
      socket.write(`${answerBytes('ok', `${LONG}x-p: ${padding}\r\n`)}x`);
    },
    { tls },
  );
  expect(await postTo(server.url)).toMatchObject({ ...success, preview: 'ok' });
  await eventually(() => Promise.resolve(server.open() === 0), 5_000);
});

test('HTTP-10 a connection is closed when its receiver answers before it has read the request', async () => {
  const body = Buffer.alloc(16 * 1024 * 1024, 'a');
  let received = 0;
  server = await startScriptedServer(answering);
  const early = createServer((socket) => {
    socket.once('data', () => socket.pause().write(answerBytes('ok', LONG)));
    socket.on('data', (chunk: Buffer) => (received += chunk.length)).on('error', () => {});
  }).listen(0, '127.0.0.1');
  await once(early, 'listening');
  const accepted = once(early, 'connection') as Promise<[Socket]>;
  const { port } = early.address() as AddressInfo;
  expect(await postTo(`http://127.0.0.1:${port}/`, body)).toMatchObject(success);
  const [socket] = await accepted;
  const closed = once(socket, 'close');
  socket.resume();
  await closed;
  early.close();
  expect(received).toBeLessThan(body.length);
});

test('HTTP-10 a kept connection does not keep the process alive', async () => {
  server = await startScriptedServer(answering);
  const code = `
    const { createGuardedPost } = await import(process.argv[1] + '/outbound/guarded-post.js');
    const { parseOutboundAllow } = await import(process.argv[1] + '/domain/security/outbound-allow.js');
    const allow = parseOutboundAllow('http,127.0.0.0/8,any-port');
    const { post } = createGuardedPost({ ca: '', ipv6: false, allow, keepAlive: true });
    const endpoint = { webhookId: 'webhook 1', revision: 1 };
    const request = { endpoint, url: '${server.url}', body: Buffer.from('{}'), headers: {} };
    const sent = [await post(request), await post(request)];
    const sentAtMs = performance.now();
    process.once('beforeExit', () => {
      // The connection may be idle for fifteen seconds.
      const waited = performance.now() - sentAtMs > 10_000;
      process.exitCode = sent[1].connection === 'reused' && !waited ? 0 : 1;
    });`;
  const args = ['--input-type=module', '--eval', code, join(packageRoot(), 'dist')];
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  expect((await once(child, 'exit'))[0]).toBe(0);
});
