import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { eventTypesSchema, statisticsSchema } from '../../../contracts/rest/statistics.js';
import { firstDeliveryIdAt } from '../../../domain/delivery/delivery-id.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { createApiWorld } from '../../support/api-world.js';

const account = randomUUID();
const HOUR = 3_600_000;
/** Start of the hour two hours ago. */
const begin = Math.floor(Date.now() / HOUR) * HOUR - 2 * HOUR;
const time = (ms: number) => new Date(ms).toISOString();

let api: TestApi;
let world: ReturnType<typeof createApiWorld>;
let webhookId: string;
beforeAll(async () => {
  api = await startTestApi({ requestsPerMinute: 1_000 });
  world = createApiWorld(api);
  webhookId = (await world.register(account)).id;
  const deliver = (minute: number, more: object) =>
    world.deliver(account, webhookId, { delivery_id: firstDeliveryIdAt(begin + minute * 60_000), ...more });
  const failed = { status: 'failed', outcome: null, is_latest: false, duration_ms: 900, event_type: 'order.paid' };
  await deliver(1, failed);
  await deliver(1, { ...failed, attempt_number: 2, is_latest: true, outcome: 'delivered', status: 'succeeded' });
  await deliver(2, { outcome: 'delivered', status: 'succeeded', duration_ms: 20, event_type: 'order.paid' });
  await deliver(3, { outcome: 'skipped_disabled', status: 'skipped' });
  await deliver(61, { outcome: null, status: 'pending' });
  await deliver(62, { outcome: 'dead_lettered', duration_ms: 5_000 });
});
afterAll(() => api.close());

const read = async (query: Record<string, string>) => {
  const { body } = await world.as(account).get(`/v1/webhooks/${webhookId}/stats`).query(query).expect(200);
  return statisticsSchema.parse(body);
};

describe('the statistics of a webhook', () => {
  test('count deliveries by how they stand and time their attempts, by the hour', async () => {
    const { data, ...range } = await read({ from: time(begin + 1), to: time(begin + 2 * HOUR) });
    expect(range).toEqual({
      bucket: 'hour',
      from: time(begin),
      to: time(begin + 2 * HOUR),
      coveredFrom: time(begin),
    });
    expect(data).toEqual([
      {
        from: time(begin),
        deliveries: { waiting: 0, delivered: 2, dead_lettered: 0, canceled: 0, skipped_disabled: 1 },
        attempts: 3,
        failedAttempts: 1,
        durationMs: { p50: 900, p95: 900, p99: 900 },
      },
      {
        from: time(begin + HOUR),
        deliveries: { waiting: 1, delivered: 0, dead_lettered: 1, canceled: 0, skipped_disabled: 0 },
        attempts: 1,
        failedAttempts: 1,
        durationMs: { p50: 5_000, p95: 5_000, p99: 5_000 },
      },
    ]);
  });

  test('show every bucket, also those in which nothing came in', async () => {
    const hours = await read({});
    expect(hours.data).toHaveLength(24);
    expect(hours.data[0]).toMatchObject({ attempts: 0, durationMs: null, deliveries: { delivered: 0 } });
    const days = await read({ bucket: 'day' });
    expect(days.data).toHaveLength(7);
    expect(days.data.reduce((sum, { attempts }) => sum + attempts, 0)).toBe(4);
  });

  test.each([
    { bucket: 'week' },
    { from: 'yesterday' },
    { from: time(begin), to: time(begin - HOUR) },
    { from: time(begin - 8 * 24 * HOUR) },
    { bucket: 'day', from: time(begin - 40 * 24 * HOUR) },
    { limit: '3' },
  ])('of %j are refused', async (query) => {
    await world.as(account).get(`/v1/webhooks/${webhookId}/stats`).query(query).expect(422);
  });

  test('of a webhook of another account are the same 404 as of an unknown one', async () => {
    const stranger = randomUUID();
    for (const id of [webhookId, randomUUID(), 'x'])
      await world.as(stranger).get(`/v1/webhooks/${id}/stats`).expect(404);
  });
});

describe('event types', () => {
  test('are the types of the account’s deliveries, each with the time of its last delivery', async () => {
    const { body } = await world.as(account).get('/v1/event-types').expect(200);
    expect(eventTypesSchema.parse(body)).toEqual({
      data: [
        { eventType: 'message.delivered', deliveries: 3, lastSeenAt: time(begin + 62 * 60_000) },
        { eventType: 'order.paid', deliveries: 2, lastSeenAt: time(begin + 2 * 60_000) },
      ],
      coveredFrom: time(begin + 60_000),
    });
  });

  test('of an account without deliveries are none', async () => {
    const { body } = await world.as(randomUUID()).get('/v1/event-types').expect(200);
    expect(body).toEqual({ data: [], coveredFrom: null });
  });
});
