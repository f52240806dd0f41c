import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseOutboundAllow } from '../../../domain/security/outbound-allow.js';
import { createGuardedPost, type GuardedPost } from '../../../outbound/guarded-post.js';
import type { PostRequest } from '../../../outbound/post.js';
import { createAuthority } from '../../support/certificates.js';
import { eventually } from '../../support/eventually.js';
import { answerBytes, startScriptedServer, type Script, type ScriptedServer } from '../../support/scripted-server.js';

const authority = createAuthority();
const tls = authority.issue({ names: 'IP:127.0.0.1' });
const allow = parseOutboundAllow('http,127.0.0.0/8,any-port');
const LONG = 'keep-alive: timeout=60\r\n';
/** Says that it waits long, so that what ends a connection in time is not its idle time. */
const answering: Script = (socket) => socket.write(answerBytes('ok', LONG));

let server: ScriptedServer;
let guarded: GuardedPost;
afterEach(() => server.close());

const newPost = (keepAlive = true) => createGuardedPost({ ca: authority.ca, ipv6: false, allow, keepAlive });
const postTo = (more: Partial<PostRequest> = {}) =>
  guarded.post({
    endpoint: { webhookId: 'webhook 1', revision: 1 },
    url: server.url,
    body: Buffer.from('{"id":"evt_1"}'),
    headers: { 'webhook-id': 'evt_1' },
    ...more,
  });
const openConnections = (count: number) => eventually(() => Promise.resolve(server.open() === count), 5_000);
const success = { kind: 'response', status: 200 };

describe.each([
  ['http', undefined],
  ['https', tls],
])('HTTP-10 a connection over %s', (_scheme, certificate) => {
  beforeEach(async () => {
    server = await startScriptedServer(answering, certificate === undefined ? {} : { tls: certificate });
    guarded = newPost();
  });

  test('is used again for the next request of its webhook', async () => {
    expect(await postTo()).toMatchObject({ ...success, preview: 'ok', connection: 'new' });
    expect(await postTo()).toMatchObject({ ...success, preview: 'ok', connection: 'reused' });
    expect([server.connections(), server.requests.length]).toEqual([1, 2]);
    expect(server.requests[0]?.text).toMatch(/^connection: keep-alive\r$/im);
  });

  test('is used for one request at a time, and again by as many', async () => {
    await Promise.all(Array.from({ length: 5 }, () => postTo()));
    await Promise.all(Array.from({ length: 5 }, () => postTo()));
    expect([server.connections(), server.requests.length]).toEqual([5, 10]);
  });

  test('is not used for another webhook', async () => {
    await postTo();
    expect(await postTo({ endpoint: { webhookId: 'webhook 2', revision: 1 } })).toMatchObject({ connection: 'new' });
    expect([server.connections(), server.open()]).toEqual([2, 2]);
  });

  test('is closed when its webhook has changed', async () => {
    await postTo();
    expect(await postTo({ endpoint: { webhookId: 'webhook 1', revision: 2 } })).toMatchObject({ connection: 'new' });
    expect(server.connections()).toBe(2);
    await openConnections(1);
  });

  test('is closed when its webhook is gone', async () => {
    server.behave((socket) => socket.write(answerBytes('gone', LONG, '410 Gone')));
    expect(await postTo()).toMatchObject({ kind: 'response', status: 410 });
    await openConnections(0);
  });

  test('is used again after an answer of any kind that was read to its end', async () => {
    const chunked = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';
    const answers = [
      answerBytes(''),
      answerBytes('x'.repeat(60_000)),
      answerBytes('no', '', '500 Internal Server Error'),
      'HTTP/1.1 204 No Content\r\n\r\n',
      'HTTP/1.1 304 Not Modified\r\n\r\n',
      `${chunked}2\r\nok\r\n0\r\n\r\n`,
      `${chunked}2;extension\r\nok\r\n0\r\ntrailer: x\r\n\r\n`,
      `HTTP/1.1 103 Early Hints\r\n\r\n${answerBytes()}`,
    ];
    server.behave((socket, { nth }) => socket.write(answers[nth - 1] ?? answerBytes()));
    for (let sent = 0; sent < answers.length; sent += 1) expect(await postTo()).toMatchObject({ kind: 'response' });
    expect(await postTo()).toMatchObject({ connection: 'reused' });
    expect(server.connections()).toBe(1);
  });

  test.each([
    ['is not read to its end', answerBytes('x'.repeat(200_000), LONG)],
    ['says that the connection closes', answerBytes('ok', 'connection: close\r\n')],
    ['has no end of its own', 'HTTP/1.1 200 OK\r\n\r\nok'],
    ['is longer than it came', answerBytes('ok', LONG).replace('content-length: 2', 'content-length: 3')],
    ['is HTTP/1.0', answerBytes('ok', 'connection: keep-alive\r\n').replace('HTTP/1.1', 'HTTP/1.0')],
    ['leaves the connection no time', answerBytes('ok', 'keep-alive: timeout=1\r\n')],
    ['has bytes behind it', `${answerBytes('ok', LONG)}x`],
    ['has another answer behind it', answerBytes('ok', LONG).repeat(2)],
  ])('is not used again after an answer that %s', async (_what, bytes) => {
    server.behave((socket) => socket.write(bytes));
    expect(await postTo({ timeoutMs: 300 })).toMatchObject(success);
    server.behave(answering);
    expect(await postTo()).toMatchObject({ ...success, connection: 'new' });
    await openConnections(1);
  });

  test.each<[string, Script]>([
    ['behind the answer', (socket, request) => (answering(socket, request), void socket.write('x'))],
    ['later', (socket) => void socket.write(answerBytes('ok', LONG), () => setTimeout(() => socket.write('x'), 50))],
  ])('is closed when bytes come %s that answer nothing', async (_when, script) => {
    server.behave(script);
    expect(await postTo()).toMatchObject(success);
    await openConnections(0);
    server.behave(answering);
    expect(await postTo()).toMatchObject({ ...success, connection: 'new' });
  });

  test('is closed when the receiver closes it', async () => {
    server.behave((socket) => socket.write(answerBytes('ok', LONG), () => setTimeout(() => socket.end(), 50)));
    await postTo();
    await openConnections(0);
    expect(await postTo()).toMatchObject({ ...success, connection: 'new' });
  });

  test('is closed with the others at the end, and none is kept any more', async () => {
    await postTo();
    guarded.closeConnections();
    await openConnections(0);
    expect(await postTo()).toMatchObject({ ...success, connection: 'new' });
    await openConnections(0);
  });
});

describe('HTTP-10 where connections are not kept', () => {
  beforeEach(async () => {
    server = await startScriptedServer((socket) => void setTimeout(() => socket.write(answerBytes()), 20));
    guarded = newPost(false);
  });

  test('every request has a new one, and says so, however many are made at once', async () => {
    await Promise.all(Array.from({ length: 50 }, () => postTo()));
    expect(await postTo()).toMatchObject({ ...success, connection: 'new' });
    expect(server.connections()).toBe(51);
    for (const { text } of server.requests) expect(text).toMatch(/^connection: close\r$/im);
    await openConnections(0);
  });
});
