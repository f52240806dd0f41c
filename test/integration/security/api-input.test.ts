import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { getTableColumns } from 'drizzle-orm';
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import type { Response } from 'supertest';
import { listenHttp, type HttpListener } from '../../../bin/process/listen-http.js';
import { problemSchema } from '../../../contracts/rest/problem.js';
import { deliveryAttempts, webhookConfigs } from '../../../db/schema.js';
import { createApiWorld, CUSTOMER_URL as url } from '../../support/api-world.js';
import { startTestApi, type TestApi } from '../../support/api.js';

let api: TestApi;
let world: ReturnType<typeof createApiWorld>;
let listening: HttpListener;
beforeAll(async () => {
  api = await startTestApi({ requestsPerMinute: 10_000 });
  world = createApiWorld(api);
  listening = await listenHttp({ app: api.app, host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await listening.close();
  await api.close();
});

let account: string;
let id: string;
beforeEach(async () => {
  account = randomUUID();
  ({ id } = await world.register(account));
});

const isProblem = (answer: Response, status: number, code: string) => {
  expect([answer.status, answer.headers['content-type']]).toEqual([status, 'application/problem+json; charset=utf-8']);
  expect(problemSchema.parse(JSON.parse(answer.text))).toMatchObject({ status, code });
};
/** POST and PUT of the same raw body. */
const writes = (send: (request: ReturnType<ReturnType<typeof world.as>['post']>) => unknown) =>
  Promise.all(
    [world.as(account).post('/v1/webhooks'), world.as(account).put(`/v1/webhooks/${id}`)].map(
      async (request) => (await send(request)) as Response,
    ),
  );
const writeJson = (json: string) => writes((request) => request.type('json').send(json));

describe('columns that a body names', () => {
  const writable = ['url', 'description', 'eventTypes', 'event_types', 'rateLimit'];
  const columns = [webhookConfigs, deliveryAttempts].flatMap((table) =>
    Object.entries(getTableColumns(table)).flatMap(([property, { name }]) => [property, name]),
  );
  const names = [...new Set(columns), '__proto__', 'constructor', 'prototype', 'toString', 'accountid', 'role'];

  test.each(names.filter((name) => !writable.includes(name)))('API-03 %s is not assignable', async (name) => {
    const before = await world.contents();
    for (const value of ['null', '"x"', '1', '{"accountId":"x","deletedAt":null}', `"${randomUUID()}"`]) {
      const [created, replaced] = await writeJson(`{"url":"${url}","${name}":${value}}`);
      isProblem(created!, 422, 'invalid_request');
      // A PUT may set these fields, to the values of its body only.
      isProblem(replaced!, 422, 'invalid_request');
    }
    expect(await world.contents()).toBe(before);
  });

  test('API-03 nothing of a body becomes part of every object', async () => {
    const bodies = ['{"__proto__":{"polluted":true}}', '{"constructor":{"prototype":{"polluted":true}}}'];
    for (const inner of [...bodies, ...bodies.map((body) => `{"url":${body},"eventTypes":${body}}`)])
      for (const answer of await writeJson(inner)) expect(answer.status).toBe(422);
    await world.as(account).get('/v1/webhooks?__proto__[polluted]=1&constructor.prototype.polluted=1').expect(422);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('API-03 the account is the header’s, with any query or cookie', async () => {
    const other = randomUUID();
    const request = world.as(account).post(`/v1/webhooks?accountId=${other}&account_id=${other}`);
    const { body } = await request.set('Cookie', `X-Account-Id=${other}`).set('X_Account_Id', other).send({ url });
    const owner = 'SELECT account_id FROM hook.webhook_configs WHERE id = $1';
    expect((await api.database.admin.query(owner, [body.id])).rows).toEqual([{ account_id: account }]);
  });
});

describe('sizes', () => {
  const sized = (bytes: number) => {
    const frame = JSON.stringify({ url, description: '' });
    return frame.replace('""', `"${'x'.repeat(bytes - frame.length)}"`);
  };

  test('API-04 a body of 16 kB is read, one byte more is not', async () => {
    for (const answer of await writeJson(sized(16_384))) isProblem(answer, 422, 'invalid_request');
    for (const answer of await writeJson(sized(16_385))) isProblem(answer, 413, 'payload_too_large');
  });

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('API-04 a %s bomb is measured unpacked and does not cost its size', async (encoding, compress) => {
    const bomb = compress(Buffer.alloc(64 * 1024 * 1024, ' '));
    const before = process.memoryUsage().rss;
    for (const answer of await writes((request) =>
      request
        .type('json')
        .set('Content-Encoding', encoding)
        .serialize((body) => body as string)
        .send(bomb as unknown as string),
    ))
      isProblem(answer, 413, 'payload_too_large');
    expect(process.memoryUsage().rss - before).toBeLessThan(40 * 1024 * 1024);
  });

  test.each<[string, object, string]>([
    ['a URL of 2049 characters', { url: `https://customer.example.com/${'x'.repeat(2_020)}` }, '/url'],
    ['a description of 501', { url, description: 'x'.repeat(501) }, '/description'],
    ['51 types', { url, eventTypes: Array.from({ length: 51 }, (_, i) => `t${i}`) }, '/eventTypes'],
    ['a type of 101 characters', { url, eventTypes: ['x'.repeat(101)] }, '/eventTypes/0'],
    ['a secret of 129 characters', { url, secret: 'x'.repeat(129) }, '/secret'],
    ['a key of 65 bytes', { url, secret: `whsec_${Buffer.alloc(65, 1).toString('base64')}` }, '/secret'],
    ['a key of 23 bytes', { url, secret: `whsec_${Buffer.alloc(23, 1).toString('base64')}` }, '/secret'],
  ])('API-04 %s is too much or too little', async (_name, body, pointer) => {
    for (const answer of await writeJson(JSON.stringify(body))) {
      isProblem(answer, 422, 'invalid_request');
      expect(answer.body.errors).toEqual([expect.objectContaining({ pointer })]);
    }
  });
});

describe('forms', () => {
  test.each(['url', 'description', 'eventTypes', 'secret', 'status', 'gracePeriodSeconds'])(
    'API-04 %s of another type is refused by its place',
    async (name) => {
      for (const value of [true, 1e308, {}, [[]], [1], [null]]) {
        const [, replaced] = await writeJson(JSON.stringify({ url, [name]: value }));
        isProblem(replaced!, 422, 'invalid_request');
        expect(replaced!.body.errors[0].pointer.startsWith(`/${name}`)).toBe(true);
      }
    },
  );

  test.each([
    ['cut inside the secret', '{"url":"https://a.example.com/","secret":"whsec_canary'],
    ['two values', '{}{}'],
    ['a trailing comma', '{"url":"x",}'],
    ['a comment', '{/*canary*/}'],
    ['NaN', '{"url":NaN}'],
    ['a text', '"canary"'],
    ['a number', '7'],
    ['nothing but blanks', '  '],
    ['a raw control character', '{"url":"\u0001"}'],
    ['another encoding', Buffer.from('{"url":"x"}', 'utf16le')],
  ])('API-04 JSON that is %s is refused without being repeated', async (_name, body) => {
    const raw = (request: ReturnType<ReturnType<typeof world.as>['post']>) =>
      request
        .type('json')
        .serialize((text) => text as string)
        .send(body as string);
    for (const answer of await writes(raw)) {
      expect([400, 422]).toContain(answer.status);
      expect(problemSchema.parse(JSON.parse(answer.text)).status).toBe(answer.status);
      expect(answer.text).not.toContain('canary');
    }
  });

  test('API-04 depth does not bring the process down', async () => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      const depth = Math.floor(16_000 / (open.length + close.length)) - 10;
      for (const answer of await writeJson(`${open.repeat(depth)}1${close.repeat(depth)}`))
        expect([400, 422]).toContain(answer.status);
    }
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonx',
  ])('API-04 a body of type %s is not read', async (type) => {
    for (const answer of await writes((request) => request.set('Content-Type', type).send(`{"url":"${url}"}`)))
      isProblem(answer, 415, 'unsupported_media_type');
  });

  test.each(['compress', 'gzip, gzip', 'x'])('API-04 an encoding %s is not unpacked', async (encoding) => {
    for (const answer of await writes((request) => request.type('json').set('Content-Encoding', encoding).send('{}')))
      isProblem(answer, 415, 'unsupported_media_type');
  });
});

/** Writes bytes and returns the status lines that arrive until the server closes the connection. */
function raw(...parts: (string | Buffer)[]): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(listening.port, '127.0.0.1', () => parts.forEach((part) => socket.write(part)));
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    socket.once('close', () => resolve([...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => status!)));
    socket.once('error', reject);
  });
}

describe('requests that two readers would read differently', () => {
  const head = () =>
    `POST /v1/webhooks HTTP/1.1\r\nHost: x\r\nX-Account-Id: ${account}\r\nContent-Type: application/json\r\n`;
  const smuggled = () =>
    `GET /v1/webhooks HTTP/1.1\r\nHost: x\r\nX-Account-Id: ${account}\r\nConnection: close\r\n\r\n`;

  test.each<[string, string]>([
    ['a length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['two lengths', 'Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}'],
    ['chunks not last', 'Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n'],
    ['a length that is none', 'Content-Length: +2\r\n\r\n{}'],
    ['a folded header', 'X-Folded: a\r\n b\r\nContent-Length: 2\r\n\r\n{}'],
    ['a blank before the colon', 'Content-Length : 2\r\n\r\n{}'],
  ])('API-04 %s end the connection, and the bytes behind them are not read', async (_name, rest) => {
    const before = api.observed.length;
    expect(await raw(head() + rest, smuggled())).toEqual(['400']);
    expect(api.observed.length).toBe(before);
  });

  test('API-04 headers of more than 16 kB are refused', async () => {
    expect(await raw(`${head()}X-Big: ${'x'.repeat(20_000)}\r\n\r\n`)).toEqual(['431']);
  });
});
