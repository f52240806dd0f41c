import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { createdWebhookSchema, webhookPageSchema, webhookSchema } from '../../../contracts/rest/webhook.js';
import { startTestApi, type TestApi } from '../../support/api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const as = (accountId: string) => {
  const agent = request.agent(api.app);
  return agent.set('X-Account-Id', accountId);
};
const url = 'https://customer.example.com/hooks';
const register = async (accountId: string, body: object = { url }) => {
  const { body: created } = await as(accountId).post('/v1/webhooks').send(body).expect(201);
  return createdWebhookSchema.parse(created);
};
const rowOf = async (id: string) =>
  (await api.database.admin.query('SELECT * FROM hook.webhook_configs WHERE id = $1', [id])).rows[0];
const secretIn = async (id: string): Promise<string> => {
  const { account_id: accountId, secret_enc: envelope } = await rowOf(id);
  const dataKey = await api.secretBox.openKey(envelope, accountId);
  return api.secretBox.withSecret({ dataKey, envelope, accountId, webhookId: id }, (key) => key.toString('base64'));
};
const countRows = async () =>
  (await api.database.admin.query('SELECT count(*)::int AS n FROM hook.webhook_configs')).rows[0].n as number;

describe('registering a webhook', () => {
  test('answers with the secret once, and stores it sealed', async () => {
    const account = randomUUID();
    const answer = await as(account).post('/v1/webhooks').send({ url, description: 'orders' }).expect(201);
    const created = createdWebhookSchema.parse(answer.body);
    expect(created).toMatchObject({
      url,
      description: 'orders',
      eventTypes: null,
      status: 'enabled',
      secretVersion: 1,
    });
    expect(created.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(answer.headers['location']).toBe(`/v1/webhooks/${created.id}`);
    expect(await secretIn(created.id)).toBe(created.secret.slice('whsec_'.length));
    const row = await rowOf(created.id);
    expect(row.account_id).toBe(account);
    expect(row.secret_enc.subarray(0, 4).toString()).toBe('WHS1');
    expect(row.secret_enc.includes(Buffer.from(created.secret.slice(6), 'base64'))).toBe(false);
    const { text } = await as(account).get(`/v1/webhooks/${created.id}`).expect(200);
    expect(text).not.toContain('whsec_');
    expect(webhookSchema.parse(JSON.parse(text)).id).toBe(created.id);
  });

  test('takes the customer’s own secret', async () => {
    const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    const created = await register(randomUUID(), { url, secret });
    expect(await secretIn(created.id)).toBe(Buffer.alloc(32, 7).toString('base64'));
  });

  test('takes event types with prefixes', async () => {
    const eventTypes = ['order.*', 'message.delivered'];
    expect((await register(randomUUID(), { url, eventTypes })).eventTypes).toEqual(eventTypes);
  });

  test('stores the canonical spelling of the URL', async () => {
    const created = await register(randomUUID(), { url: 'HTTPS://Customer.Example.COM:443/a/../hooks?x=1' });
    expect(created.url).toBe('https://customer.example.com/hooks?x=1');
  });

  test.each<[string, object, { pointer: string; code: string }]>([
    ['no URL', {}, { pointer: '/url', code: 'type' }],
    ['a URL of the metadata service', { url: 'https://169.254.169.254/' }, { pointer: '/url', code: 'url_address' }],
    ['a URL with a login', { url: 'https://a:b@example.com/' }, { pointer: '/url', code: 'url_userinfo' }],
    ['no list of types', { url, eventTypes: 'order.paid' }, { pointer: '/eventTypes', code: 'type' }],
    ['an empty list of types', { url, eventTypes: [] }, { pointer: '/eventTypes', code: 'too_small' }],
    ['a type in capitals', { url, eventTypes: ['a.b', 'Order'] }, { pointer: '/eventTypes/1', code: 'format' }],
    ['a star in the middle', { url, eventTypes: ['order.*.paid'] }, { pointer: '/eventTypes/0', code: 'format' }],
    ['a type twice', { url, eventTypes: ['a', 'a'] }, { pointer: '/eventTypes', code: 'rule' }],
    ['a description of a book', { url, description: 'x'.repeat(501) }, { pointer: '/description', code: 'too_big' }],
    ['a character PostgreSQL has not', { url, description: '\u0000' }, { pointer: '/description', code: 'rule' }],
    ['half a character', { url, description: '\ud800' }, { pointer: '/description', code: 'rule' }],
    ['a short secret', { url, secret: 'whsec_c2hvcnQ=' }, { pointer: '/secret', code: 'secret_length' }],
    ['a private key', { url, secret: 'whsk_x' }, { pointer: '/secret', code: 'secret_asymmetric' }],
    ['an unknown field', { url, canary: 1 }, { pointer: '', code: 'unknown_key' }],
    ['an id of the customer’s', { url, id: randomUUID() }, { pointer: '', code: 'unknown_key' }],
    ['another account', { url, accountId: randomUUID() }, { pointer: '', code: 'unknown_key' }],
  ])('refuses %s and stores nothing', async (_name, body, error) => {
    const before = await countRows();
    const answer = await as(randomUUID()).post('/v1/webhooks').send(body).expect(422);
    expect(answer.body).toMatchObject({ code: 'invalid_request', errors: [error] });
    expect(answer.text).not.toContain('canary');
    expect(await countRows()).toBe(before);
  });

  test('__proto__ is a field like any other unknown one', async () => {
    const answer = await as(randomUUID())
      .post('/v1/webhooks')
      .type('json')
      .send(`{"url":"${url}","__proto__":{"status":"disabled"}}`);
    expect(answer.status).toBe(422);
  });
});

describe('reading', () => {
  test('pages through the newest first, by cursor', async () => {
    const account = randomUUID();
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) {
      ids.unshift((await register(account)).id);
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    const read = async (cursor?: string | null) => {
      const query = { limit: 2, ...(cursor && { cursor }) };
      return webhookPageSchema.parse((await as(account).get('/v1/webhooks').query(query).expect(200)).body);
    };
    const first = await read();
    const second = await read(first.nextCursor);
    const third = await read(second.nextCursor);
    expect([first, second, third].flatMap((page) => page.data.map(({ id }) => id))).toEqual(ids);
    expect([first, second, third].map(({ hasMore }) => hasMore)).toEqual([true, true, false]);
    expect(third.nextCursor).toBeNull();
  });

  test('an account sees only its own webhooks, with any cursor', async () => {
    const [mine, theirs] = [randomUUID(), randomUUID()];
    await register(theirs);
    await register(theirs);
    const { body } = await as(theirs).get('/v1/webhooks?limit=1').expect(200);
    const answer = await as(mine).get('/v1/webhooks').query({ cursor: body.nextCursor }).expect(200);
    expect(answer.body).toEqual({ data: [], nextCursor: null, hasMore: false });
  });

  test.each(['limit=0', 'limit=101', 'limit=x', 'limit=1&limit=2', 'cursor=x', 'accountId=x'])(
    'refuses ?%s',
    async (query) => {
      await as(randomUUID()).get(`/v1/webhooks?${query}`).expect(422);
    },
  );
});

describe('replacing', () => {
  test('replaces URL, types and description as a whole, and keeps the secret', async () => {
    const account = randomUUID();
    const created = await register(account, { url, eventTypes: ['order.*'], description: 'old' });
    const before = await rowOf(created.id);
    const { body } = await as(account)
      .put(`/v1/webhooks/${created.id}`)
      .send({ url: 'https://other.example.com/' })
      .expect(200);
    expect(body).toMatchObject({ url: 'https://other.example.com/', eventTypes: null, description: null });
    expect(body.secretVersion).toBe(1);
    expect(Date.parse(body.updatedAt)).toBeGreaterThanOrEqual(Date.parse(created.updatedAt));
    expect((await rowOf(created.id)).secret_enc).toEqual(before.secret_enc);
  });

  test('with a secret rotates: sealed anew, one version more, not echoed', async () => {
    const account = randomUUID();
    const created = await register(account);
    const before = await rowOf(created.id);
    const secret = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;
    const answer = await as(account).put(`/v1/webhooks/${created.id}`).send({ url, secret }).expect(200);
    expect(answer.text).not.toContain(secret.slice(6));
    expect(answer.body.secretVersion).toBe(2);
    const after = await rowOf(created.id);
    expect(after.secret_enc).not.toEqual(before.secret_enc);
    expect(await secretIn(created.id)).toBe(secret.slice(6));
  });

  test('switches off with a reason and on again', async () => {
    const account = randomUUID();
    const { id } = await register(account);
    const put = async (status: string) => (await as(account).put(`/v1/webhooks/${id}`).send({ url, status })).body;
    expect(await put('disabled')).toMatchObject({ status: 'disabled', disabledReason: 'manual' });
    expect((await rowOf(id)).disabled_at).toBeInstanceOf(Date);
    expect(await put('enabled')).toMatchObject({ status: 'enabled', disabledReason: null, disabledAt: null });
  });

  test('that is refused changes nothing', async () => {
    const account = randomUUID();
    const { id } = await register(account);
    const before = await rowOf(id);
    const secret = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;
    await as(account).put(`/v1/webhooks/${id}`).send({ url: 'https://10.0.0.1/', secret }).expect(422);
    await as(account).put(`/v1/webhooks/${id}`).send({ url, secret: 'short' }).expect(422);
    expect(await rowOf(id)).toEqual(before);
  });
});

test('a deleted webhook is gone from lists and kept in the table', async () => {
  const account = randomUUID();
  const { id } = await register(account);
  await as(account).delete(`/v1/webhooks/${id}`).expect(204);
  expect((await as(account).get('/v1/webhooks')).body.data).toEqual([]);
  expect((await rowOf(id)).deleted_at).toBeInstanceOf(Date);
});
