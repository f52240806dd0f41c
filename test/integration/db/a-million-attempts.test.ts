import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Database } from '../../../db/client.js';
import { findAttempts, findDelivery } from '../../../db/queries/deliveries.js';
import { readDeliveryStatistics } from '../../../db/queries/delivery-statistics.js';
import { listEventTypes } from '../../../db/queries/event-types.js';
import { MAX_SEARCHED_DELIVERIES } from '../../../db/queries/search-deliveries.js';
import { type DeliveryPageQuery, listDeliveries } from '../../../db/queries/list-deliveries.js';
import { startTestDatabase, type TestDatabase } from '../../support/database.js';
import { type ExecutedPlan, plansOf } from '../../support/explain.js';
import { fillWithDeliveries } from '../../support/many-deliveries.js';

let database: TestDatabase;
let filled: Awaited<ReturnType<typeof fillWithDeliveries>>;
beforeAll(async () => {
  database = await startTestDatabase();
  filled = await fillWithDeliveries(database.admin);
}, 300_000);
afterAll(() => database.close());

/** A few pages of the index and of the table in each partition that a page of the list may come from. */
const FEW_BUFFERS = 150;
/** A page of the table for each delivery that may be examined, and the pages of the index. */
const EXAMINED_BUFFERS = MAX_SEARCHED_DELIVERIES + FEW_BUFFERS;

const list = (asked: Partial<DeliveryPageQuery>, db: Database = database.db) =>
  listDeliveries(db, filled.accountId, { limit: 20, ...asked });
const planOf = async (work: (db: Database) => Promise<unknown>): Promise<ExecutedPlan> =>
  (await plansOf(database.db, work))[0]!;
/** A sequential scan is allowed, because the planner reads empty partitions that way. */
const usesIndexes = ({ nodes }: ExecutedPlan) => nodes.includes('Index Scan') && !nodes.includes('Bitmap Heap Scan');
/** The id of a delivery in the middle of the list. */
const deep = async () => (await list({ toMs: filled.timeOf(450_000), limit: 1 })).rows[0]!.deliveryId;

test('there are a million attempts of many accounts', async () => {
  const { rows } = await database.admin.query<{ attempts: number; accounts: number }>(
    'SELECT count(*)::int AS attempts, count(DISTINCT account_id)::int AS accounts FROM hook.delivery_attempts',
  );
  expect(rows[0]?.attempts).toBeGreaterThanOrEqual(1_000_000);
  expect(rows[0]?.accounts).toBeGreaterThan(1_000);
});

describe('a page of deliveries costs a few buffers', () => {
  test.each<[string, () => Promise<Partial<DeliveryPageQuery>>]>([
    ['at the beginning', async () => ({})],
    ['in the depth', async () => ({ after: await deep() })],
    ['of one webhook', async () => ({ webhookId: filled.webhookId })],
    ['of one webhook in the depth', async () => ({ webhookId: filled.webhookId, after: await deep() })],
    ['with a filter that matches often', async () => ({ status: 'delivered', responseClass: '2xx' })],
    ['of one event', async () => ({ eventId: 'evt_500000' })],
    ['of a time range', async () => ({ fromMs: filled.timeOf(300_000), toMs: filled.timeOf(301_000) })],
    ['before anything was sent', async () => ({ toMs: filled.timeOf(0) })],
  ])('%s', async (_, asking) => {
    const asked = await asking();
    const plan = await planOf((db) => list(asked, db));
    expect(plan.buffers).toBeLessThan(FEW_BUFFERS);
    expect(usesIndexes(plan)).toBe(true);
  });

  test('and finds what it should', async () => {
    const page = await list({ after: await deep() });
    expect(page.rows).toHaveLength(21);
    expect(page.resumeAfterId).toBeUndefined();
    expect((await list({ eventId: 'evt_500000' })).rows).toMatchObject([{ eventId: 'evt_500000' }]);
  });
});

describe('a filter that matches seldom', () => {
  test.each<[string, Partial<DeliveryPageQuery>]>([
    ['status', { status: 'dead_lettered' }],
    ['waiting', { status: 'waiting' }],
    ['type', { eventType: 'order.*' }],
    ['answer', { responseClass: '5xx' }],
    ['no answer', { responseClass: 'none' }],
    ['several', { status: 'canceled', eventType: 'order.paid', responseClass: '4xx' }],
  ])('examines so many deliveries and no more: %s', async (_, asked) => {
    for (const webhookId of [undefined, filled.webhookId]) {
      const plan = await planOf((db) => list({ ...asked, webhookId }, db));
      expect(plan.buffers).toBeLessThan(EXAMINED_BUFFERS);
      expect(usesIndexes(plan)).toBe(true);
      expect((await list({ ...asked, webhookId })).resumeAfterId).toBeDefined();
    }
  });

  test('goes on where the page before ended until it has found everything', async () => {
    const found: string[] = [];
    let pages = 0;
    for (let after: string | undefined = await beginning(); after !== undefined; pages += 1) {
      const { rows, resumeAfterId } = await list({ status: 'dead_lettered', after, limit: 100 });
      found.push(...rows.slice(0, 100).map(({ eventId }) => eventId));
      after = rows.length > 100 ? rows[99]?.deliveryId : resumeAfterId;
    }
    const events = Array.from({ length: 199 }, (_none, index) => 199 - index).filter((n) => n % 5 < 2);
    expect(found).toEqual(events.map((n) => `evt_${String(n)}`));
    expect(pages).toBeGreaterThan(1);
  });

  const beginning = async () => (await list({ toMs: filled.timeOf(30_000), limit: 1 })).rows[0]?.deliveryId;
});

describe('the partitions of other times are not read', () => {
  test('for a time range', async () => {
    const plan = await planOf((db) => list({ fromMs: filled.timeOf(440_000), toMs: filled.timeOf(441_000) }, db));
    expect(plan.tables.length).toBeLessThanOrEqual(2);
  });

  test('for one delivery and its attempts', async () => {
    const deliveryId = await deep();
    for (const read of [findAttempts, findDelivery]) {
      const plan = await planOf((db) => read(db, filled.accountId, deliveryId));
      expect(plan.tables).toHaveLength(1);
      expect(plan.buffers).toBeLessThan(20);
    }
  });
});

describe('what adds up', () => {
  test('event types are looked for in the newest deliveries only', async () => {
    const plan = await planOf((db) => listEventTypes(db, filled.accountId));
    expect(plan.buffers).toBeLessThan(EXAMINED_BUFFERS);
    const types = await listEventTypes(database.db, filled.accountId);
    expect(types).toMatchObject([{ eventType: 'message.delivered', deliveries: MAX_SEARCHED_DELIVERIES }]);
  });

  test('a month of a busy webhook is counted up to a bound, with an index lookup a delivery', async () => {
    const endMs = filled.timeOf(900_001);
    const bucketStartsMs = Array.from({ length: 31 }, (_none, index) => endMs - (31 - index) * 86_400_000);
    const asked = { webhookId: filled.webhookId, bucketStartsMs, endMs };
    const counted = await readDeliveryStatistics(database.db, filled.accountId, asked);
    expect(counted.reduce((sum, { delivered }) => sum + delivered, 0)).toBe(10_000);
    expect(counted.at(-1)).toMatchObject({ bucket: 31, examined: 10_000, dead_lettered: 0 });
    expect(counted.at(-1)?.failedAttempts).toBeGreaterThan(0);
    const plan = await planOf((db) => readDeliveryStatistics(db, filled.accountId, asked));
    expect(plan.buffers).toBeLessThan(10_000 * 6);
    expect(usesIndexes(plan)).toBe(true);
  });
});
