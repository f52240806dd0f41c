import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import request, { type Response } from 'supertest';
import { problemSchema } from '../../../contracts/rest/problem.js';
import { startTestApi, type TestApi } from '../../support/api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const url = 'https://customer.example.com/';
const post = () => request(api.app).post('/v1/webhooks').set('X-Account-Id', randomUUID());
const isProblem = (answer: Response, status: number, code: string) => {
  expect([answer.status, answer.headers['content-type']]).toEqual([status, 'application/problem+json; charset=utf-8']);
  expect(problemSchema.parse(JSON.parse(answer.text))).toMatchObject({ status, code });
};

describe('bodies', () => {
  test('over 16 kB are refused, counted after inflation', async () => {
    isProblem(await post().send({ url, description: 'x'.repeat(17_000) }), 413, 'payload_too_large');
    const zipped = gzipSync(Buffer.alloc(1_000_000, ' '));
    const answer = await post()
      .type('json')
      .set('Content-Encoding', 'gzip')
      .serialize((body) => body as string)
      .send(zipped as unknown as string);
    isProblem(answer, 413, 'payload_too_large');
  });

  test('that are not JSON by their type are refused', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=iso-8859-1'])
      isProblem(await post().set('Content-Type', type).send(`{"url":"${url}"}`), 415, 'unsupported_media_type');
  });

  test('that are broken are refused without being repeated', async () => {
    const answer = await post().type('json').send('{"secret": "whsec_canary');
    isProblem(answer, 400, 'malformed_request');
    expect(answer.text).not.toContain('canary');
    isProblem(await post().type('json').send('"text"'), 400, 'malformed_request');
    isProblem(await post().type('json').send('[]'), 422, 'invalid_request');
    isProblem(await post(), 415, 'unsupported_media_type');
  });
});

describe('every answer', () => {
  test('forbids to keep, to guess at and to run it, and does not say what runs here', async () => {
    for (const path of ['/v1/webhooks', '/nowhere']) {
      const { headers } = await request(api.app).get(path);
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'referrer-policy': 'no-referrer',
      });
      expect(headers).not.toHaveProperty('x-powered-by');
      expect(headers).not.toHaveProperty('etag');
    }
  });

  test('carries the edge’s request id if it is safe to print, else a new one', async () => {
    const given = await request(api.app).get('/').set('X-Request-Id', 'edge-0123456789');
    expect(given.headers['x-request-id']).toBe('edge-0123456789');
    const forged = await request(api.app).get('/').set('X-Request-Id', 'a{"level":"fatal"}');
    expect(forged.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('is observed by route and account, without path and query', async () => {
    const accountId = randomUUID();
    await request(api.app).get(`/v1/webhooks/${randomUUID()}?canary`).set('X-Account-Id', accountId);
    expect(api.observed.at(-1)).toMatchObject({ method: 'GET', route: '/v1/webhooks/:id', status: 404, accountId });
    expect(JSON.stringify(api.observed)).not.toContain('canary');
  });

  test('tells clients to come back on another connection while the process ends', async () => {
    api.stopping = true;
    const answer = await request(api.app).get('/v1/webhooks').set('X-Account-Id', randomUUID());
    api.stopping = false;
    expect([answer.status, answer.headers['connection']]).toEqual([200, 'close']);
  });
});

test.each(['/health', '/ready', '/metrics', '/', '/v1', '/v2/webhooks'])('%s is nothing here', async (path) => {
  const answer = await request(api.app).get(path).set('X-Account-Id', randomUUID());
  isProblem(answer, 404, 'not_found');
});

describe('while a part is away', () => {
  test('the key service: nothing is stored, and it works again afterwards', async () => {
    const accountId = randomUUID();
    const create = () => request(api.app).post('/v1/webhooks').set('X-Account-Id', accountId).send({ url });
    await api.kmsServer.stop();
    const answer = await create();
    isProblem(answer, 503, 'unavailable');
    expect(answer.headers['retry-after']).toBe('5');
    const { rows } = await api.database.admin.query('SELECT FROM hook.webhook_configs WHERE account_id = $1', [
      accountId,
    ]);
    expect(rows).toHaveLength(0);
    expect(api.observed.at(-1)?.error).toMatchObject({ name: 'KmsUnavailable' });
    // An unknown id requests no data key.
    const rotation = { url, secret: 'a secret of 24 characters' };
    const unknownWebhook = request(api.app).put(`/v1/webhooks/${randomUUID()}`).set('X-Account-Id', accountId);
    isProblem(await unknownWebhook.send(rotation), 404, 'not_found');
    await api.kmsServer.restart();
    expect((await create()).status).toBe(201);
  });

  test('the database: 503 without a word about it', async () => {
    const read = () => request(api.app).get('/v1/webhooks').set('X-Account-Id', randomUUID());
    await read();
    await api.database.server.stop();
    const answer = await read();
    isProblem(answer, 503, 'unavailable');
    expect(answer.text).not.toMatch(/database|postgres|ECONN/i);
    await api.database.server.restart();
    expect((await read()).status).toBe(200);
  });
});
