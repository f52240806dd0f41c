import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseOutboundAllow } from '../../../domain/security/outbound-allow.js';
import { createGuardedPost } from '../../../outbound/guarded-post.js';
import { readSystemCa } from '../../../outbound/system-ca.js';
import { newEndpoint } from '../../support/new-endpoint.js';
import {
  answer,
  endlessBody,
  rawAnswer,
  resetConnection,
  startReceiver,
  type Handler,
  type Receiver,
} from '../../support/receiver.js';

const allow = parseOutboundAllow('http,127.0.0.0/8');
const newPost = (keepAlive: boolean) => createGuardedPost({ ca: readSystemCa(), ipv6: false, allow, keepAlive }).post;
const post = newPost(true);
const body = Buffer.from('{"id":"evt_1","t":"Zoë ☎ 😀"}');

let receiver: Receiver;
beforeAll(async () => void (receiver = await startReceiver()));
afterAll(() => receiver.close());

const postTo = (handler: Handler, path = '', timeoutMs = 5000) => {
  receiver.behave(handler);
  return post({
    endpoint: newEndpoint(),
    url: receiver.url + path,
    body,
    headers: { 'content-type': 'application/json', 'x-a': '1' },
    timeoutMs,
  });
};

describe('the request', () => {
  test('carries exactly the bytes and headers given, and asks for no compression', async () => {
    await postTo(answer(), 'hook?a=b');
    const received = receiver.requests.at(-1)!;
    expect(received).toMatchObject({ method: 'POST', path: '/hook?a=b' });
    expect(received.body.equals(body)).toBe(true);
    expect(received.headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': String(body.length),
      'x-a': '1',
      'accept-encoding': 'identity',
    });
  });

  test.each(['data:text/plain,ok', 'file:///etc/hostname', 'http://10.0.0.1/', 'http://localhost:1/', 'not a url'])(
    'HTTP-07 to %s is never made',
    async (url) =>
      expect(await post({ endpoint: newEndpoint(), url, body, headers: {} })).toMatchObject({
        kind: 'error',
        code: 'blocked',
      }),
  );
});

describe('the answer', () => {
  test.each([200, 204, 299, 400, 404, 410, 500, 503, 599])('%d is reported as it is', async (status) => {
    expect(await postTo(answer({ status }))).toMatchObject({ kind: 'response', status, preview: '', truncated: false });
  });

  test.each([
    [301, 'http://169.254.169.254/latest/meta-data/'],
    [302, '/elsewhere'],
    [307, 'http://['],
    [308, ''],
  ])('SSRF-05 a %d to %j is not followed', async (status, location) => {
    const before = receiver.requests.length;
    const result = await postTo(answer({ status, headers: { location }, body: 'moved' }));
    expect(result).toMatchObject({ kind: 'response', status, preview: 'moved' });
    expect(JSON.stringify(result)).not.toContain('169.254');
    expect(receiver.requests).toHaveLength(before + 1);
  });

  test('hands out Retry-After as it was sent', async () => {
    const headers = { 'retry-after': 'Fri, 31 Dec 1999 23:59:59 GMT' };
    expect(await postTo(answer({ status: 429, headers }))).toMatchObject({ retryAfter: headers['retry-after'] });
    expect(await postTo(answer({ status: 429 }))).not.toHaveProperty('retryAfter');
  });

  test('HTTP-02 is kept to its first 512 characters as text, for any content type', async () => {
    const headers = { 'content-type': 'text/html; charset=utf-16' };
    const result = await postTo(answer({ headers, body: `<b>\u0000${'é'.repeat(600)}` }));
    expect(result).toMatchObject({ preview: `<b>\uFFFD${'é'.repeat(508)}`, truncated: true });
  });

  test('HTTP-03 is not decompressed', async () => {
    const bomb = gzipSync(Buffer.alloc(20 * 1024 * 1024));
    const result = await postTo(answer({ headers: { 'content-encoding': 'gzip' }, body: bomb }));
    expect(result).toMatchObject({ kind: 'response', status: 200, truncated: true });
    expect(result).not.toMatchObject({ preview: '\uFFFD'.repeat(512) });
  });

  test('HTTP-03 without end is cut off at once, and the receiver sees the connection close', async () => {
    let closed: Promise<unknown> | undefined;
    const endless = endlessBody();
    const result = await postTo((request, response) => {
      closed = new Promise((resolve) => response.once('close', resolve));
      return endless(request, response);
    });
    expect(result).toMatchObject({ kind: 'response', status: 200, preview: 'a'.repeat(512), truncated: true });
    expect(result.durationMs).toBeLessThan(1000);
    await closed;
  });

  test('counts by its status although the body drips past the deadline', async () => {
    const result = await postTo(endlessBody({ everyMs: 50 }), '', 300);
    expect(result).toMatchObject({ kind: 'response', status: 200, truncated: true });
    expect(result.durationMs).toBeGreaterThan(250);
    expect(result.durationMs).toBeLessThan(500);
  });
});

describe('HTTP-04 a broken answer', () => {
  const head = 'HTTP/1.1 200 OK\r\n';
  const final = `${head}content-length: 0\r\n\r\n`;
  test.each([
    ['no HTTP at all', 'protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['a header block without end', 'protocol', `${head}${'x-a: b\r\n'.repeat(80_000)}`],
    ['one huge header', 'protocol', `${head}x-a: ${'b'.repeat(270_000)}\r\n\r\n`],
    ['two lengths', 'protocol', `${head}content-length: 1\r\ncontent-length: 2\r\n\r\nab`],
    ['a length and chunks', 'protocol', `${head}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['an informational status line and no final one', 'protocol', 'HTTP/1.1 102 Processing\r\n\r\n'],
    ['nothing', 'reset', ''],
    ['half a status line', 'reset', 'HTTP/1.1 2'],
  ])('%s is %s', async (_what, code, bytes) => {
    expect(await postTo(rawAnswer(bytes))).toMatchObject({ kind: 'error', code });
  });

  test.each(['000', '099', '600', '999', '1000', '20', '2x0', '-200', ''])(
    'a status of %j is protocol, also with a valid answer behind it',
    async (status) => {
      const odd = `HTTP/1.1 ${status} OK\r\ncontent-length: 0\r\n\r\n`;
      for (const bytes of [odd, `${odd}${final}`]) {
        expect(await postTo(rawAnswer(bytes, { keepOpen: true }))).toMatchObject({ kind: 'error', code: 'protocol' });
      }
    },
  );

  test.each(['100 Continue', '102 Processing', '103 Early Hints', '199 Odd'])(
    'an unasked %s is passed over, and the final status counts',
    async (line) => {
      const result = await postTo(rawAnswer(`HTTP/1.1 ${line}\r\n\r\n${final}`, { keepOpen: true }));
      expect(result).toMatchObject({ kind: 'response', status: 200 });
    },
  );

  test.each([
    ['in many lines', 'x-a: b\r\n'.repeat(30_000)],
    ['in one line', `x-a: ${'b'.repeat(240 * 1024)}\r\n`],
  ])('headers of 240 KiB %s do not undo a success', async (_how, headers) => {
    const result = await postTo(rawAnswer(`${head}content-length: 2\r\n${headers}\r\nok`));
    expect(result).toMatchObject({ kind: 'response', status: 200, preview: 'ok', truncated: false });
  });

  test.each([
    ['a length that is too long', `${head}content-length: 100\r\n\r\nabc`, 'abc'],
    ['chunks without an end', `${head}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n`, 'abc'],
    ['a chunk that is none', `${head}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n`, ''],
  ])('%s after the status keeps the status', async (_what, bytes, preview) => {
    const result = await postTo(rawAnswer(bytes));
    expect(result).toMatchObject({ kind: 'response', status: 200, truncated: true });
    expect(result).toMatchObject({ preview: expect.stringContaining(preview) });
  });

  test('a reset is told apart from a refusal', async () => {
    expect(await postTo(resetConnection())).toMatchObject({ kind: 'error', code: 'reset' });
    const gone = await startReceiver();
    await gone.close();
    expect(await post({ endpoint: newEndpoint(), url: gone.url, body, headers: {} })).toMatchObject({
      kind: 'error',
      code: 'refused',
    });
  });

  test.each([
    ['with', 'connection: upgrade\r\nupgrade: websocket\r\n'],
    ['without', ''],
  ])('an upgrade that was not asked for ends at once, %s the headers for it', async (_how, headers) => {
    const upgrade = `HTTP/1.1 101 Switching Protocols\r\n${headers}\r\n`;
    const result = await postTo(rawAnswer(upgrade, { keepOpen: true }), '', 60_000);
    expect(result).toMatchObject({ kind: 'error', code: 'protocol' });
  });
});
