import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createdWebhookSchema, webhookSchema } from '../../../contracts/rest/webhook.js';
import { createApiWorld, CUSTOMER_URL as url } from '../../support/api-world.js';
import { startTestApi, type TestApi } from '../../support/api.js';

let api: TestApi;
let world: ReturnType<typeof createApiWorld>;
beforeAll(async () => {
  api = await startTestApi({ requestsPerMinute: 10_000 });
  world = createApiWorld(api);
});
afterAll(() => api.close());

/** A webhook of a new account, and requests about it. */
async function webhook(more: object = {}) {
  const account = randomUUID();
  const { id } = await world.register(account, more);
  const path = `/v1/webhooks/${id}`;
  const get = () => world.as(account).get(path);
  const patch = (body: object) =>
    world.as(account).patch(path).type('application/merge-patch+json').send(JSON.stringify(body));
  const post = (what: string, body?: object) => world.as(account).post(`${path}/${what}`).send(body);
  const tag = async () => String((await get().expect(200)).headers['etag']);
  const keyOf = async () => {
    const { rows } = await api.database.admin.query('SELECT * FROM hook.webhook_configs WHERE id = $1', [id]);
    const { secret_enc: envelope, secret_prev_enc: previous } = rows[0] as Record<string, Buffer>;
    const open = async (sealed: Buffer) => {
      const dataKey = await api.secretBox.openKey(sealed, account);
      const asked = { dataKey, envelope: sealed, accountId: account, webhookId: id };
      return api.secretBox.withSecret(asked, (key) => `whsec_${key.toString('base64')}`);
    };
    return { current: await open(envelope!), previous: previous && (await open(previous)) };
  };
  return { account, id, path, get, patch, post, tag, keyOf };
}

describe('settings of one’s own', () => {
  test('are stored, shown and replaced as a whole', async () => {
    const metadata = { team: 'billing', 'a b': 'ä' };
    const { account, path, get } = await webhook({ metadata, rateLimit: 5 });
    expect((await get()).body).toMatchObject({ metadata, rateLimit: 5 });
    const { body } = await world.as(account).put(path).send({ url }).expect(200);
    expect(webhookSchema.parse(body)).toMatchObject({ metadata: {}, rateLimit: null });
  });

  test.each<[string, object, { pointer: string; code?: string }]>([
    ['metadata that is text', { metadata: 'x' }, { pointer: '/metadata', code: 'type' }],
    ['a number', { metadata: { CANARY: 1 } }, { pointer: '/metadata', code: 'type' }],
    ['an empty name', { metadata: { '': 'x' } }, { pointer: '/metadata' }],
    ['a long name', { metadata: { ['CANARY'.padEnd(41)]: 'x' } }, { pointer: '/metadata' }],
    ['a long text', { metadata: { CANARY: 'x'.repeat(501) } }, { pointer: '/metadata', code: 'too_big' }],
    ['half a character', { metadata: { CANARY: '\ud800' } }, { pointer: '/metadata', code: 'rule' }],
    [
      '21 entries',
      { metadata: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [n, ''])) },
      { pointer: '/metadata' },
    ],
    ['no requests a second', { rateLimit: 0 }, { pointer: '/rateLimit', code: 'too_small' }],
    ['too many', { rateLimit: 1_001 }, { pointer: '/rateLimit', code: 'too_big' }],
    ['half a request', { rateLimit: 0.5 }, { pointer: '/rateLimit' }],
  ])('refuses %s, in registration and in a patch', async (_name, settings, error) => {
    const { account, patch } = await webhook();
    const created = await world
      .as(account)
      .post('/v1/webhooks')
      .send({ url, ...settings })
      .expect(422);
    const patched = await patch(settings).expect(422);
    for (const { body, text } of [created, patched]) {
      expect(body.errors[0]).toMatchObject(error);
      expect(text).not.toContain('CANARY');
    }
  });
});

describe('a patch', () => {
  test('changes what it names and leaves the rest', async () => {
    const { patch, get } = await webhook({
      description: 'a',
      eventTypes: ['x.*'],
      rateLimit: 3,
      metadata: { a: '1', b: '2' },
    });
    const before = (await get()).body;
    const { body } = await patch({ description: null, metadata: { b: null, c: '3' }, status: 'disabled' }).expect(200);
    const { updatedAt: _now, ...same } = before;
    expect(body).toMatchObject({
      ...same,
      description: null,
      metadata: { a: '1', c: '3' },
      status: 'disabled',
      disabledReason: 'manual',
      disabledAt: expect.any(String),
    });
    expect((await patch({ eventTypes: null, rateLimit: null, metadata: null })).body).toMatchObject({
      eventTypes: null,
      rateLimit: null,
      metadata: {},
      url: before.url,
    });
  });

  test('is read from application/json as well, and from nothing else', async () => {
    const { account, path } = await webhook();
    await world.as(account).patch(path).send({ description: 'b' }).expect(200);
    const answer = await world.as(account).patch(path).type('text').send('{}').expect(415);
    expect(answer.headers['accept-patch']).toBe('application/merge-patch+json');
    await world.as(account).put(path).type('application/merge-patch+json').send(JSON.stringify({ url })).expect(415);
  });

  test.each<[string, unknown, string]>([
    ['taking the URL away', { url: null }, '/url'],
    ['a forbidden URL', { url: 'https://10.0.0.1/' }, '/url'],
    ['a secret, which is no part of what is shown', { secret: 'x'.repeat(24) }, ''],
    ['a list', [], ''],
  ])('may not be %s', async (_name, body, pointer) => {
    const { patch } = await webhook();
    expect((await patch(body as object).expect(422)).body.errors[0].pointer).toBe(pointer);
  });

  test('that makes more metadata than there may be is refused as a whole', async () => {
    const entries = (from: number, count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${from + n}`, 'x']));
    const { patch, get } = await webhook({ metadata: entries(0, 15) });
    await patch({ description: 'new', metadata: entries(100, 6) }).expect(422);
    expect((await get()).body).toMatchObject({ description: null, metadata: entries(0, 15) });
    await patch({ metadata: { ...entries(100, 6), k0: null } }).expect(200);
  });

  test('never loses what another one changed at the same moment', async () => {
    const { patch, get } = await webhook();
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map((name) => patch({ metadata: { [name]: name } })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await get()).body.metadata).toEqual({ a: 'a', b: 'b', c: 'c', d: 'd' });
  });
});

describe('an entity tag', () => {
  const CHANGES: [
    string,
    (w: Awaited<ReturnType<typeof webhook>>) => ReturnType<typeof world.as.prototype.post>,
    number,
  ][] = [
    ['PUT', ({ account, path }) => world.as(account).put(path).send({ url }), 200],
    ['PATCH', ({ patch }) => patch({ description: 'new' }), 200],
    ['disable', ({ post }) => post('disable'), 200],
    ['enable', ({ post }) => post('enable'), 200],
    ['rotate', ({ post }) => post('secret/rotate'), 200],
    ['DELETE', ({ account, path }) => world.as(account).delete(path), 204],
  ];

  test.each(CHANGES)('that is old refuses %s, and the current one lets it pass', async (_name, change, status) => {
    const mine = await webhook();
    const old = await mine.tag();
    await mine.patch({ description: 'changed by somebody else' }).expect(200);
    const [before, current] = [await world.contents(), await mine.tag()];
    expect(current).not.toBe(old);
    expect((await change(mine).set('If-Match', old).expect(412)).body.code).toBe('precondition_failed');
    expect(await world.contents()).toBe(before);
    await change(mine).set('If-Match', `"stranger", ${current}`).expect(status);
  });

  test('answers a GET that has it with 304, until anything shown changes', async () => {
    const { account, id, get, tag } = await webhook();
    const current = await tag();
    const answer = await get().set('If-None-Match', current).expect(304);
    expect([answer.text, answer.headers['etag']]).toEqual(['', current]);
    await world.deliver(account, id, { status: 'succeeded', outcome: 'delivered' });
    const changed = await get().set('If-None-Match', current).expect(200);
    expect(changed.body.health).toMatchObject({ successRatio: 1, examinedCount: 1 });
    // The health is not a setting: a change based on the earlier read passes.
    await world.as(account).delete(`/v1/webhooks/${id}`).set('If-Match', current).expect(204);
  });

  test('is told of what was made and what was changed', async () => {
    const account = randomUUID();
    const created = await world.as(account).post('/v1/webhooks').send({ url }).expect(201);
    const path = String(created.headers['location']);
    expect((await world.as(account).get(path)).headers['etag']).toBe(created.headers['etag']);
    const put = await world.as(account).put(path).send({ url }).expect(200);
    expect((await world.as(account).get(path)).headers['etag']).toBe(put.headers['etag']);
  });
});

describe('switching an endpoint off and on', () => {
  test('keeps what the customer says about it, and says so until it is on again', async () => {
    const { post, tag } = await webhook();
    const off = await post('disable', { reason: 'moving: to\nanother house' }).expect(200);
    expect(off.body).toMatchObject({
      status: 'disabled',
      disabledReason: 'manual',
      disabledNote: 'moving: to\nanother house',
    });
    const before = await tag();
    expect((await post('disable', { reason: 'again' })).body).toEqual(off.body);
    expect(await tag()).toBe(before);
    const on = await post('enable').expect(200);
    expect(on.body).toMatchObject({ status: 'enabled', disabledReason: null, disabledNote: null, disabledAt: null });
  });

  test('without a reason is manual, and that of the service is not the customer’s', async () => {
    const { id, post, get } = await webhook();
    expect((await post('disable').expect(200)).body).toMatchObject({ disabledReason: 'manual', disabledNote: null });
    await api.database.admin.query(`UPDATE hook.webhook_configs SET disabled_reason = 'gone' WHERE id = $1`, [id]);
    expect((await get()).body).toMatchObject({ disabledReason: 'gone', disabledNote: null });
  });

  test.each<[string, object]>([
    ['disable', { reason: '' }],
    ['disable', { reason: 'x'.repeat(201) }],
    ['disable', { reason: '\u0000' }],
    ['enable', { reason: 'none is kept' }],
  ])('%s refuses %j', async (what, body) => {
    const { post } = await webhook();
    await post(what, body).expect(422);
  });
});

describe('a new secret', () => {
  test('is answered once, and signs from then on, alone', async () => {
    const { post, get, keyOf } = await webhook();
    const answer = await post('secret/rotate').expect(200);
    const { secret, secretVersion, previousSecretExpiresAt } = createdWebhookSchema.parse(answer.body);
    expect([secretVersion, previousSecretExpiresAt]).toEqual([2, null]);
    expect(await keyOf()).toEqual({ current: secret, previous: null });
    expect((await get()).text).not.toContain('whsec_');
  });

  test('lets the one before sign as well for the time that is asked for', async () => {
    const { post, keyOf } = await webhook();
    const { current: before } = await keyOf();
    const { body } = await post('secret/rotate', { gracePeriodSeconds: 60 }).expect(200);
    expect(Date.parse(body.previousSecretExpiresAt)).toBeGreaterThan(Date.now());
    expect(await keyOf()).toEqual({ current: body.secret, previous: before });
  });

  test.each([-1, 604_801, '60', null])('has no grace period of %j', async (gracePeriodSeconds) => {
    const { post, keyOf } = await webhook();
    const before = await keyOf();
    await post('secret/rotate', { gracePeriodSeconds }).expect(422);
    expect(await keyOf()).toEqual(before);
  });
});
