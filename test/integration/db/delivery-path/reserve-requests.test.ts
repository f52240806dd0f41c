import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { loadAttempts } from '../../../../db/delivery-path/load-attempts.js';
import { recordDeliveries } from '../../../../db/delivery-path/record-deliveries.js';
import { reserveRequests } from '../../../../db/delivery-path/reserve-requests.js';
import { startTestDatabase, type TestDatabase } from '../../../support/database.js';
import { messageOf, seedWebhook } from '../../../support/rows.js';

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

const limit = (rateLimit: number | null) =>
  database.admin.query('UPDATE hook.webhook_configs SET rate_limit = $2 WHERE id = $1', [webhookId, rateLimit]);
const reserve = (count: number, account = accountId) =>
  reserveRequests(database.db, { accountId: account, webhookId, count });

test('requests are reserved one after the other, the first at once', async () => {
  await limit(2);
  const first = await reserve(1);
  expect(first?.rateLimit).toBe(2);
  // The column stores whole milliseconds.
  expect(first?.waitMs).toBeLessThan(1);
  const { waitMs = 0 } = (await reserve(3)) ?? {};
  expect(waitMs).toBeGreaterThan(0);
  expect(waitMs).toBeLessThanOrEqual(500);
  const after = (await reserve(1))?.waitMs ?? 0;
  expect(after - waitMs).toBeGreaterThan(1_000);
  expect(after).toBeLessThanOrEqual(2_000);
});

test('twenty reservations at once share the rate: each gets a place of its own', async () => {
  await limit(1);
  const waits = (await Promise.all(Array.from({ length: 20 }, () => reserve(1)))).map((r) => r?.waitMs ?? -1);
  const sorted = waits.sort((a, b) => a - b);
  // One a second; the time that the reservations themselves took is not added to the last one.
  expect(sorted[0]).toBeLessThan(1);
  for (const [place, wait] of sorted.entries()) expect(Math.abs(wait - place * 1_000)).toBeLessThan(1_000);
  const { rows } = await database.admin.query<{ ahead: number }>(
    'SELECT extract(epoch FROM rate_next_at - now())::float8 AS ahead FROM hook.webhook_configs WHERE id = $1',
    [webhookId],
  );
  expect(rows[0]?.ahead).toBeGreaterThan(10);
  expect(rows[0]?.ahead).toBeLessThanOrEqual(20);
});

test('there is nothing to reserve without a limit, at a deleted endpoint, or for another account', async () => {
  expect(await reserve(1)).toBeUndefined();
  await limit(5);
  expect(await reserve(1, randomUUID())).toBeUndefined();
  await database.admin.query('UPDATE hook.webhook_configs SET deleted_at = now() WHERE id = $1', [webhookId]);
  expect(await reserve(1)).toBeUndefined();
});

test('the limit comes with what an attempt is made of, from the bridge and from the database', async () => {
  await limit(7);
  const [recorded] = await recordDeliveries(database.db, [messageOf(accountId)]);
  expect(recorded).toMatchObject({ kind: 'ready', delivery: { rateLimit: 7 } });
  const [loaded] = await loadAttempts(database.db, accountId, [{ deliveryId: recorded?.deliveryId ?? '', attempt: 2 }]);
  expect(loaded?.endpoint?.rateLimit).toBe(7);
});
