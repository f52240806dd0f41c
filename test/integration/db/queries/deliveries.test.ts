import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { findAttempts, findDelivery } from '../../../../db/queries/deliveries.js';
import { startTestDatabase, type TestDatabase } from '../../../support/database.js';

let database: TestDatabase;
const account = randomUUID();
const webhookId = randomUUID();
const BEGIN = Date.now() - 60_000;
const idOf = (n: number) => {
  const time = (BEGIN + n).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${String(n).padStart(12, '0')}`;
};

beforeAll(async () => {
  database = await startTestDatabase();
  // 2,000 deliveries of two attempts each: enough for the planner to prefer an index.
  await database.admin.query(
    `INSERT INTO hook.delivery_attempts (delivery_id, attempt_number, webhook_id, account_id, event_id, event_type,
       trigger, status, outcome, is_latest, workflow_id, payload_snapshot)
     SELECT id::uuid, attempt, $2, $1, 'evt_' || n, 'message.delivered', 'dispatch',
       CASE WHEN attempt = 1 THEN 'failed' ELSE 'succeeded' END, CASE WHEN attempt = 2 THEN 'delivered' END,
       attempt = 2, 'wh-' || n, CASE WHEN attempt = 1 THEN jsonb_build_object('n', n) END
     FROM unnest($3::text[]) WITH ORDINALITY AS ids (id, n), generate_series(1, 2) AS attempt`,
    [account, webhookId, Array.from({ length: 2_000 }, (_none, index) => idOf(index + 1))],
  );
  await database.admin.query('ANALYZE hook.delivery_attempts');
});
afterAll(() => database.close());

test('one delivery is read whole, in order, from its one partition', async () => {
  const rows = await findAttempts(database.db, account, idOf(7));
  expect(rows.map(({ attemptNumber, payloadSnapshot }) => [attemptNumber, payloadSnapshot])).toEqual([
    [1, { n: 7 }],
    [2, null],
  ]);
  expect(await findAttempts(database.db, randomUUID(), idOf(7))).toEqual([]);
});

test('how a delivery stands is its latest row', async () => {
  expect(await findDelivery(database.db, account, idOf(7))).toMatchObject({ attemptNumber: 2, outcome: 'delivered' });
  expect(await findDelivery(database.db, randomUUID(), idOf(7))).toBeUndefined();
  expect(await findDelivery(database.db, account, randomUUID())).toBeUndefined();
});
