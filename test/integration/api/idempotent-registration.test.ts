import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { webhookSchema } from '../../../contracts/rest/webhook.js';
import { createApiWorld, CUSTOMER_URL as url } from '../../support/api-world.js';
import { startTestApi, type TestApi } from '../../support/api.js';

let api: TestApi;
let world: ReturnType<typeof createApiWorld>;
beforeAll(async () => {
  api = await startTestApi({ requestsPerMinute: 10_000 });
  world = createApiWorld(api);
});
afterAll(() => api.close());

const register = (account: string, key: string, body: object = { url }) =>
  world.as(account).post('/v1/webhooks').set('Idempotency-Key', key).send(body);
const OWN = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;
const countOf = async (account: string) => (await world.as(account).get('/v1/webhooks')).body.data.length as number;

describe('a registration with an idempotency key', () => {
  test('that is repeated is answered with the same webhook, and with no secret', async () => {
    const account = randomUUID();
    const body = { url, metadata: { a: '1', b: '2' }, rateLimit: 3 };
    const first = await register(account, 'k', body).expect(201);
    const again = await register(account, 'k', { ...body, eventTypes: null, metadata: { b: '2', a: '1' } }).expect(200);
    expect(webhookSchema.parse(again.body).id).toBe(first.body.id);
    expect(again.headers).toMatchObject({ 'idempotent-replayed': 'true', location: first.headers['location'] });
    expect(first.headers['idempotent-replayed']).toBeUndefined();
    expect(again.text).not.toContain(first.body.secret);
    expect(await countOf(account)).toBe(1);
  });

  test('with its quotes is the key without them', async () => {
    const account = randomUUID();
    await register(account, '"a b"').expect(201);
    await register(account, 'a b').expect(200);
  });

  test.each<[string, object]>([
    ['another URL', { url: `${url}/2` }],
    ['a description', { url, description: 'x' }],
    ['event types', { url, eventTypes: ['a.b'] }],
    ['metadata', { url, metadata: { a: 'b' } }],
    ['a rate', { url, rateLimit: 1 }],
    ['a secret', { url, secret: OWN }],
  ])('and then comes with %s is refused and makes nothing', async (_name, body) => {
    const account = randomUUID();
    await register(account, 'k').expect(201);
    expect((await register(account, 'k', body).expect(422)).body.code).toBe('idempotency_key_reused');
    expect(await countOf(account)).toBe(1);
  });

  test('is told from one with another secret of the customer’s', async () => {
    const account = randomUUID();
    await register(account, 'k', { url, secret: OWN }).expect(201);
    await register(account, 'k', { url, secret: OWN }).expect(200);
    const other = `whsec_${Buffer.alloc(32, 6).toString('base64')}`;
    expect((await register(account, 'k', { url, secret: other }).expect(422)).text).not.toContain(other);
  });

  test('of another account is another one', async () => {
    const [mine, theirs] = [randomUUID(), randomUUID()];
    const first = await register(theirs, 'k').expect(201);
    const second = await register(mine, 'k').expect(201);
    expect(second.body.id).not.toBe(first.body.id);
  });

  test('ten times at once makes one webhook and shows one secret', async () => {
    const account = randomUUID();
    const answers = await Promise.all(Array.from({ length: 10 }, () => register(account, 'k')));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array.from({ length: 9 }, () => 200), 201]);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.filter(({ text }) => text.includes('whsec_'))).toHaveLength(1);
  });

  test('passes again when the account has its ten webhooks', async () => {
    const account = randomUUID();
    for (let i = 0; i < 9; i++) await world.register(account);
    const answers = await Promise.all([register(account, 'tenth'), register(account, 'tenth')]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 201]);
    await register(account, 'tenth').expect(200);
    await register(account, 'eleventh').expect(409);
  });

  test('that was removed frees its key', async () => {
    const account = randomUUID();
    const { body } = await register(account, 'k').expect(201);
    await world.as(account).delete(`/v1/webhooks/${body.id}`).expect(204);
    expect((await register(account, 'k', { url, description: 'anew' }).expect(201)).body.id).not.toBe(body.id);
  });

  test.each(['', 'ä', 'a"b', 'x'.repeat(256), '"'])('may not have the key %j', async (key) => {
    const account = randomUUID();
    const answer = await register(account, Buffer.from(key).toString('latin1')).expect(400);
    expect(answer.body.code).toBe('idempotency_key_invalid');
    expect(await countOf(account)).toBe(0);
  });
});

test('nothing of the secret is stored outside of its envelope', async () => {
  const account = randomUUID();
  const digest = async (secret: string) => {
    const { body } = await register(account, secret, { url, secret }).expect(201);
    const { rows } = await api.database.admin.query(
      'SELECT idempotency_digest AS d FROM hook.webhook_configs WHERE id = $1',
      [body.id],
    );
    return (rows[0].d as Buffer).toString('hex');
  };
  expect(await digest(OWN)).toBe(await digest('a secret of 24 characters'));
});
