import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { deliveryPageSchema } from '../../../contracts/rest/delivery.js';
import { firstDeliveryIdAt } from '../../../domain/delivery/delivery-id.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { createApiWorld } from '../../support/api-world.js';

const account = randomUUID();
const HOUR = 3_600_000;
const noon = Math.floor(Date.now() / HOUR) * HOUR - HOUR;

let api: TestApi;
let world: ReturnType<typeof createApiWorld>;
let webhookId: string;
let otherWebhookId: string;
beforeAll(async () => {
  api = await startTestApi({ requestsPerMinute: 1_000 });
  world = createApiWorld(api);
  webhookId = (await world.register(account)).id;
  otherWebhookId = (await world.register(account)).id;
  const at = (minute: number) => ({ delivery_id: firstDeliveryIdAt(noon + minute * 60_000) });
  const deliver = (event_id: string, more: object, id = webhookId) =>
    world.deliver(account, id, { event_id, outcome: null, status: 'failed', ...more });
  const nextAttemptAt = new Date(noon + 5 * HOUR);
  await deliver('waits', { ...at(1), event_type: 'order.paid', response_status: 503, next_attempt_at: nextAttemptAt });
  await deliver('dead', { ...at(2), event_type: 'order.item.added', outcome: 'dead_lettered', error_code: 'timeout' });
  await deliver('sent', { ...at(3), status: 'succeeded', outcome: 'delivered', response_status: 204 });
  await deliver('moved', { ...at(4), event_type: 'orders', outcome: 'canceled', response_status: 302 }, otherWebhookId);
  await deliver('refused', { ...at(5), event_type: 'order.paid', outcome: 'dead_lettered', response_status: 404 });
});
afterAll(() => api.close());

const list = async (query: Record<string, string>, path = '/v1/deliveries') => {
  const { body } = await world.as(account).get(path).query(query).expect(200);
  return deliveryPageSchema.parse(body);
};
const events = async (query: Record<string, string>, path?: string) =>
  (await list(query, path)).data.map(({ eventId }) => eventId);
const minute = (n: number) => new Date(noon + n * 60_000).toISOString();

describe('the deliveries of an account', () => {
  test('are those of all its webhooks, the newest first, with what comes next', async () => {
    expect(await events({})).toEqual(['refused', 'moved', 'sent', 'dead', 'waits']);
    const waits = (await list({ status: 'waiting' })).data;
    expect(waits).toMatchObject([{ eventId: 'waits', nextAttemptAt: new Date(noon + 5 * HOUR).toISOString() }]);
  });

  test('are read page by page', async () => {
    const first = await list({ limit: '3' });
    const second = await list({ limit: '3', cursor: first.nextCursor! });
    expect([...first.data, ...second.data].map(({ eventId }) => eventId)).toEqual(await events({}));
    expect(second).toMatchObject({ hasMore: false, nextCursor: null });
  });

  test('do not include those of another account', async () => {
    const { body } = await world.as(randomUUID()).get('/v1/deliveries').expect(200);
    expect(body).toEqual({ data: [], nextCursor: null, hasMore: false });
  });
});

test.each<[Record<string, string>, string[]]>([
  [{ status: 'dead_lettered' }, ['refused', 'dead']],
  [{ eventType: 'order.paid' }, ['refused', 'waits']],
  [{ eventType: 'order.*' }, ['refused', 'dead', 'waits']],
  [{ eventId: 'sent' }, ['sent']],
  [{ responseClass: '2xx' }, ['sent']],
  [{ responseClass: '3xx' }, ['moved']],
  [{ responseClass: '4xx' }, ['refused']],
  [{ responseClass: '5xx' }, ['waits']],
  [{ responseClass: 'none' }, ['dead']],
  [{ from: minute(3) }, ['refused', 'moved', 'sent']],
  [{ to: minute(3) }, ['dead', 'waits']],
  [{ from: minute(2), to: minute(5).replace('Z', '+00:00') }, ['moved', 'sent', 'dead']],
  [{ from: '0001-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }, ['refused', 'moved', 'sent', 'dead', 'waits']],
  [{ status: 'dead_lettered', eventType: 'order.paid', responseClass: '4xx', from: minute(1) }, ['refused']],
  [{ status: 'delivered', eventType: 'order.paid' }, []],
])('%j finds %j', async (query, found) => {
  expect(await events(query)).toEqual(found);
  const ofWebhook = await events(query, `/v1/webhooks/${webhookId}/deliveries`);
  expect(ofWebhook).toEqual(found.filter((eventId) => eventId !== 'moved'));
});

test.each([
  'status=exploded',
  'eventType=Order',
  'eventId=a.b',
  'responseClass=1xx',
  'from=yesterday',
  'to=2026-11-23',
  'limit=0',
  'cursor=x',
  'unknown=1',
  'status=delivered&status=canceled',
])('?%s is refused', async (query) => {
  const webhook = `/v1/webhooks/${webhookId}/deliveries`;
  for (const path of ['/v1/deliveries', webhook]) await world.as(account).get(`${path}?${query}`).expect(422);
});

test('a webhook of another account is the same 404 as an unknown one', async () => {
  const paths = [webhookId, randomUUID(), 'x'].map((id) => `/v1/webhooks/${id}/deliveries`);
  const stranger = randomUUID();
  const answers = await Promise.all(paths.map((path) => world.as(stranger).get(path)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
});

test('a page that ends with what may be examined leads on although it is empty', async () => {
  const busy = randomUUID();
  const { id } = await world.register(busy);
  const { rows } = await api.database.admin.query(FILL, [busy, id, noon]);
  expect(rows).toEqual([]);
  const read = async (cursor?: string) => {
    const query = { status: 'canceled', ...(cursor === undefined ? {} : { cursor }) };
    return deliveryPageSchema.parse((await world.as(busy).get('/v1/deliveries').query(query)).body);
  };
  const first = await read();
  expect(first).toMatchObject({ data: [], hasMore: true, nextCursor: expect.any(String) });
  const second = await read(first.nextCursor!);
  expect(second.data.map(({ eventId }) => eventId)).toEqual(['evt_1']);
  expect(second).toMatchObject({ hasMore: false });
});

const FILL = `
  INSERT INTO hook.delivery_attempts (delivery_id, attempt_number, account_id, webhook_id, event_id, event_type, trigger, status, outcome, workflow_id)
  SELECT (lpad(to_hex($3::bigint + n), 12, '0') || '7000800000' || lpad(n::text, 10, '0'))::uuid, 1, $1, $2, 'evt_' || n,
    'order.paid', 'dispatch', 'failed', CASE WHEN n = 1 THEN 'canceled' ELSE 'dead_lettered' END, 'wh-1'
  FROM generate_series(1::bigint, 5001) AS n`;
