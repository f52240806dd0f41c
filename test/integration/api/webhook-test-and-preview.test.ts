import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { deliveryDetailSchema } from '../../../contracts/rest/delivery.js';
import { requestPreviewSchema } from '../../../contracts/rest/test-event.js';
import { TemporalUnavailable } from '../../../control/temporal-unavailable.js';
import { createApiWorld, CUSTOMER_URL as url } from '../../support/api-world.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { attemptsOf } from '../../support/rows.js';

let api: TestApi;
let world: ReturnType<typeof createApiWorld>;
beforeAll(async () => {
  api = await startTestApi({ requestsPerMinute: 10_000 });
  world = createApiWorld(api);
});
afterAll(() => api.close());

async function webhook() {
  const account = randomUUID();
  const { id, secret } = await world.register(account);
  const post = (what: string, body?: object) => world.as(account).post(`/v1/webhooks/${id}/${what}`).send(body);
  return { account, id, secret, post };
}
const verifies = (secret: string, { body, headers }: { body: string; headers: Record<string, string> }) => {
  try {
    return Boolean(new Webhook(secret).verify(body, headers));
  } catch {
    return false;
  }
};

describe('a preview', () => {
  test('is the request that would be made, with a signature that verifies', async () => {
    const { account, secret, post } = await webhook();
    const before = await world.contents();
    const shown = requestPreviewSchema.parse(
      (await post('preview', { eventType: 'a.b', data: { b: 'ä', a: [1] } }).expect(200)).body,
    );
    expect(shown).toMatchObject({ method: 'POST', url, headers: { 'webhook-attempt': '1' } });
    expect(shown.headers['webhook-id']).toMatch(/^preview_[0-9a-f]{32}$/);
    expect(JSON.parse(shown.body)).toMatchObject({
      id: shown.headers['webhook-id'],
      type: 'a.b',
      data: { b: 'ä', a: [1] },
    });
    expect(verifies(secret, shown)).toBe(true);
    expect(shown.signedContent).toBe(
      `${shown.headers['webhook-id']}.${shown.headers['webhook-timestamp']}.${shown.body}`,
    );
    expect([await world.contents(), await attemptsOf(api.database.admin, account)]).toEqual([before, []]);
  });

  test('has the JSON text that PostgreSQL gives a request, and both signatures while both secrets are valid', async () => {
    const { secret, post } = await webhook();
    const rotated = await post('secret/rotate', { gracePeriodSeconds: 60 }).expect(200);
    const { body } = await post('preview').expect(200);
    expect(body.body).toMatch(/^\{"id": "preview_\w+", "data": \{\}, "type": "webhook.ping", "timestamp": "/);
    expect(body.headers['webhook-signature'].split(' ')).toHaveLength(2);
    expect([verifies(secret, body), verifies(rotated.body.secret, body)]).toEqual([true, true]);
  });
});

describe('a test', () => {
  test('is a delivery whose event is in its row, and nowhere else', async () => {
    const { account, id, post } = await webhook();
    const answer = await post('test', { data: { to: '+999000000001' } }).expect(202);
    const shown = deliveryDetailSchema.parse(answer.body);
    expect(shown).toMatchObject({
      webhookId: id,
      eventType: 'webhook.ping',
      status: 'waiting',
      payload: { data: { to: '+999000000001' } },
    });
    expect(shown.attempts).toMatchObject([{ number: 1, trigger: 'test', status: 'pending' }]);
    expect(answer.headers['location']).toBe(`/v1/deliveries/${shown.id}`);
    const listed = await world.as(account).get(`/v1/webhooks/${id}/deliveries`).expect(200);
    expect(listed.body.data).toMatchObject([{ id: shown.id }]);
  });

  test('that cannot be asked for is said to be so', async () => {
    const { post } = await webhook();
    const before = api.test;
    api.test = () => Promise.reject(new TemporalUnavailable());
    expect((await post('test').expect(503)).headers['retry-after']).toBeDefined();
    api.test = before;
  });
});

test.each<[object, string]>([
  [{ eventType: 'Ping' }, '/eventType'],
  [{ data: [] }, '/data'],
  [{ data: { CANARY: '\u0000' } }, ''],
  [{ id: 'evt_1' }, ''],
])('%j is refused, and nothing is made', async (body, pointer) => {
  const { account, post } = await webhook();
  for (const what of ['test', 'preview']) {
    const answer = await post(what, body).expect(422);
    expect(answer.body.errors?.[0]?.pointer ?? '').toBe(pointer);
    expect(answer.text).not.toContain('CANARY');
  }
  expect(await attemptsOf(api.database.admin, account)).toEqual([]);
});
