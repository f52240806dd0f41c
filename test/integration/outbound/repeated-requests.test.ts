import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseOutboundAllow } from '../../../domain/security/outbound-allow.js';
import { createGuardedPost } from '../../../outbound/guarded-post.js';
import { createAuthority } from '../../support/certificates.js';
import { answerBytes, startScriptedServer, type Script, type ScriptedServer } from '../../support/scripted-server.js';

const authority = createAuthority();
const tls = authority.issue({ names: 'IP:127.0.0.1' });
const allow = parseOutboundAllow('http,127.0.0.0/8,any-port');
const success = { kind: 'response', status: 200 };

let server: ScriptedServer;
let post: (timeoutMs?: number) => ReturnType<ReturnType<typeof createGuardedPost>['post']>;
afterEach(() => server.close());

/** Answers the first request of a connection, and does `second` to the next one. */
const onTheSecond =
  (second: Script): Script =>
  (socket, request) =>
    request.nth === 1 ? socket.write(answerBytes()) : second(socket, request);
const close: Script = (socket) => socket.destroy();

describe.each([
  ['http', {}],
  ['https', { tls }],
])('HTTP-10 a request over %s', (_scheme, options) => {
  beforeEach(async () => {
    server = await startScriptedServer(onTheSecond(close), options);
    const guarded = createGuardedPost({ ca: authority.ca, ipv6: false, allow, keepAlive: true });
    const request = {
      endpoint: { webhookId: 'webhook 1', revision: 1 },
      url: `${server.url}path`,
      body: Buffer.from('{"id":"evt_1","text":"ä☎"}'),
      headers: { 'webhook-id': 'evt_1', 'webhook-timestamp': '1795428900', 'webhook-signature': 'v1,x' },
    };
    post = (timeoutMs = 5_000) => guarded.post({ ...request, timeoutMs });
    expect(await post()).toMatchObject({ ...success, connection: 'new' });
  });

  test('is made once more, the same, when its kept connection is closed before an answer', async () => {
    expect(await post()).toMatchObject({ ...success, preview: 'ok', connection: 'repeated' });
    const [first, failed, repeated] = server.requests;
    expect([failed?.text, repeated?.text]).toEqual([first?.text, first?.text]);
    expect([failed?.connection, repeated?.connection]).toEqual([1, 2]);
  });

  test('is made once more only once', async () => {
    server.behave(close);
    expect(await post()).toMatchObject({ kind: 'error', code: 'reset', connection: 'repeated' });
    expect(server.requests).toHaveLength(3);
    expect(await post()).toMatchObject({ kind: 'error', code: 'reset', connection: 'new' });
    expect(server.requests).toHaveLength(4);
  });

  test('is not made again on a new connection that fails', async () => {
    server.behave(onTheSecond((socket) => socket.end(answerBytes('bye', 'connection: close\r\n'))));
    await post();
    server.behave(close);
    expect(await post()).toMatchObject({ kind: 'error', code: 'reset', connection: 'new' });
    expect(server.requests).toHaveLength(3);
  });

  test.each([
    ['half a status line', 'HTTP/1.1 2', 'reset'],
    ['an informational status line', 'HTTP/1.1 102 Processing\r\n\r\n', 'protocol'],
    ['something else', 'SSH-2.0-OpenSSH_9.2\r\n', 'protocol'],
  ])('is not made again after %s', async (_what, bytes, code) => {
    server.behave(onTheSecond((socket) => socket.end(bytes)));
    expect(await post()).toMatchObject({ kind: 'error', code, connection: 'reused' });
    expect(server.requests).toHaveLength(2);
  });

  test('is not made again when its time is over', async () => {
    server.behave(onTheSecond(() => undefined));
    expect(await post(200)).toMatchObject({ kind: 'error', code: 'timeout', connection: 'reused' });
    expect(server.requests).toHaveLength(2);
  });

  test('has one deadline, also where it is made twice', async () => {
    const silentLater: Script = (socket, { connection }) =>
      connection === 1 && setTimeout(() => socket.destroy(), 1_500);
    server.behave(silentLater);
    const result = await post(2_000);
    expect(result).toMatchObject({ kind: 'error', code: 'timeout', connection: 'repeated' });
    expect(server.requests).toHaveLength(3);
    expect(result.durationMs).toBeLessThan(3_000);
  });

  // https://github.com/node-fetch/node-fetch/issues/1767: fetch looks for the last chunk's bytes itself, and takes an answer
  // whose end comes in other pieces for cut off when the connection closes.
  test.each([
    ['whole', ['5\r\nhello\r\n0\r\n\r\n']],
    ['in two', ['5\r\nhello\r\n0\r\n', '\r\n']],
    ['in odd pieces', ['5\r\nhello\r\n', '0', '\r\n\r', '\n']],
    ['with trailers', ['5\r\nhello\r\n', '0\r\nx-checksum: 1\r\n\r\n']],
  ])(
    'counts by its status when the end of a chunked answer comes %s and the connection closes',
    async (_how, pieces) => {
      server.behave(
        onTheSecond((socket) => {
          socket.setNoDelay(true).write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
          pieces.forEach((piece, i) => setTimeout(() => socket.write(piece), 20 * i));
          setTimeout(() => socket.end(), 20 * pieces.length);
        }),
      );
      expect(await post()).toMatchObject({ ...success, preview: 'hello', connection: 'reused' });
      expect(server.requests).toHaveLength(2);
    },
  );
});

test('HTTP-10 a request is made once more when its kept connection is reset', async () => {
  server = await startScriptedServer(onTheSecond((socket) => socket.resetAndDestroy()));
  const guarded = createGuardedPost({ ca: authority.ca, ipv6: false, allow, keepAlive: true });
  const endpoint = { webhookId: 'webhook 1', revision: 1 };
  const request = { endpoint, url: server.url, body: Buffer.from('{}'), headers: {} };
  await guarded.post(request);
  expect(await guarded.post(request)).toMatchObject({ ...success, connection: 'repeated' });
});
