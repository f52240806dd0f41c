import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { readDeliveryHealth } from '../../../../db/queries/delivery-health.js';
import { startTestDatabase, type TestDatabase } from '../../../support/database.js';
import { plansOf } from '../../../support/explain.js';
import { seedWebhook } from '../../../support/rows.js';

let database: TestDatabase;
let accountId: string;
let webhookId: string;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  accountId = randomUUID();
  webhookId = await seedWebhook(database.admin, accountId);
});

const HOUR_MS = 3_600_000;

/** Inserts the latest rows of `count` deliveries, one a millisecond, starting `hoursAgo`. */
async function deliveries(count: number, hoursAgo: number, row: Record<string, unknown>) {
  const columns = {
    webhook_id: webhookId,
    account_id: accountId,
    event_id: 'e',
    event_type: 'a.b',
    trigger: 'dispatch',
    status: 'succeeded',
    attempt_number: 1,
    workflow_id: 'wf',
    ...row,
  };
  const names = Object.keys(columns);
  await database.admin.query(
    `INSERT INTO hook.delivery_attempts (delivery_id, ${names.join(', ')})
     SELECT (lpad(to_hex(${String(Date.now() - hoursAgo * HOUR_MS)} + n), 12, '0') || '7000' || '8000' || lpad(to_hex(n), 12, '0'))::uuid,
            ${names.map((_, i) => `$${String(i + 1)}`).join(', ')} FROM generate_series(1, ${String(count)}) AS n`,
    Object.values(columns),
  );
}
const queryFor = (...webhookIds: string[]) => ({ webhookIds, sinceMs: Date.now() - 24 * HOUR_MS });
const health = async () => (await readDeliveryHealth(database.db, accountId, queryFor(webhookId))).get(webhookId);

test('the health of deliveries is how their latest attempts stand', async () => {
  await deliveries(3, 1, { outcome: 'delivered' });
  await deliveries(2, 2, { status: 'failed', outcome: null });
  await deliveries(1, 3, { status: 'failed', outcome: null, is_latest: false });
  await deliveries(1, 4, { status: 'pending', outcome: null });
  await deliveries(1, 5, { status: 'skipped', outcome: 'skipped_disabled' });
  await deliveries(1, 6, { status: 'failed', outcome: 'canceled', trigger: 'test' });
  expect(await health()).toEqual({ examined: 8, waiting: 3, succeeded: 3, failed: 2 });
});

test('a delivery that is older than a day counts while it waits, and not once it has ended', async () => {
  await deliveries(1, 25, { status: 'failed', outcome: null });
  await deliveries(1, 25, { status: 'failed', outcome: 'dead_lettered', attempt_number: 2 });
  expect(await health()).toEqual({ examined: 2, waiting: 1, succeeded: 0, failed: 0 });
});

test('an endpoint without deliveries, and one of another account, have nothing to tell', async () => {
  expect(await health()).toEqual({ examined: 0, waiting: 0, succeeded: 0, failed: 0 });
  await deliveries(1, 1, { outcome: 'delivered' });
  const foreign = await readDeliveryHealth(database.db, randomUUID(), queryFor(webhookId));
  expect(foreign.get(webhookId)).toMatchObject({ examined: 0 });
  expect(await readDeliveryHealth(database.db, accountId, queryFor())).toEqual(new Map());
});

test('of a busy endpoint a thousand rows are read and no more, under the plan for all endpoints', async () => {
  await deliveries(20_000, 2, { outcome: 'delivered' });
  const idle = await seedWebhook(database.admin, accountId);
  await database.admin.query('ANALYZE hook.delivery_attempts');
  expect(await health()).toMatchObject({ examined: 1_000 });
  const work = (db: TestDatabase['db']) => readDeliveryHealth(db, accountId, queryFor(webhookId, idle));
  const read = (await plansOf(database.db, work, { generic: true }))[0]?.rowsRead;
  // One more index lookup in each partition finds the partition with the newest rows.
  expect(read).toBeGreaterThanOrEqual(1_000);
  expect(read).toBeLessThan(1_100);
});
