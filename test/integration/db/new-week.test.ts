import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { fillAttempts } from '../../../bench/fill-attempts.js';
import { loadAttempts } from '../../../db/delivery-path/load-attempts.js';
import { persistAttempts } from '../../../db/delivery-path/persist-attempts.js';
import { revalidateAttempts } from '../../../db/delivery-path/revalidate-attempts.js';
import { recordDeliveries } from '../../../db/delivery-path/record-deliveries.js';
import { startTestDatabase, type TestDatabase } from '../../support/database.js';
import { attemptsOf, messageOf, seedWebhook } from '../../support/rows.js';
import { settledRowOf } from '../../support/settled.js';

const accountId = randomUUID();
let webhookId: string;
let database: TestDatabase;
beforeAll(async () => {
  // One connection, so that all statements use the plans that it keeps.
  database = await startTestDatabase({ poolMax: 1 });
  const { rows } = await database.admin.query<{ name: string }>(
    `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'hook.delivery_attempts'::regclass`,
  );
  for (const { name } of rows) await database.admin.query(`ALTER TABLE ${name} SET (autovacuum_enabled = false)`);
  webhookId = await seedWebhook(database.admin, accountId);
}, 120_000);
afterAll(() => database.close());

/** Runs every statement between a message and its outcome for this number of events. Returns the ids of their deliveries. */
async function deliver(events: number): Promise<string[]> {
  const { db } = database;
  const ids = Array.from({ length: events }, () => `evt_${randomUUID()}`);
  const recorded = await recordDeliveries(
    db,
    ids.map((eventId) => messageOf(accountId, { eventId })),
  );
  const deliveries = recorded.map(({ deliveryId }) => ({ deliveryId, attempt: 1 }));
  await loadAttempts(db, accountId, deliveries);
  await revalidateAttempts(db, { accountId, webhookId, attempts: deliveries });
  const row = { accountId, webhookId };
  await persistAttempts(
    db,
    deliveries.map(({ deliveryId }) => settledRowOf({ ...row, deliveryId })),
  );
  await persistAttempts(
    db,
    deliveries.map(({ deliveryId }) => settledRowOf({ ...row, deliveryId, attempt: 2 })),
  );
  return deliveries.map(({ deliveryId }) => deliveryId);
}

/** Total number of rows that sequential scans have read from the attempts. */
async function rowsScanned(): Promise<number> {
  await database.db.query('SELECT pg_stat_force_next_flush()');
  await database.db.query('SELECT 1');
  const { rows } = await database.admin.query<{ read: number }>(
    `SELECT sum(seq_tup_read)::int AS read FROM pg_stat_user_tables WHERE relname LIKE 'delivery_attempts%'`,
  );
  return rows[0]?.read ?? 0;
}

test('plans that were made while the week was empty read its rows by their keys once there are many', async () => {
  await deliver(2);
  await fillAttempts({ admin: quiet(database.admin) }, { rows: 20_000, thisWeek: true, accountId, webhookId });
  const before = await rowsScanned();
  const deliveryIds = await deliver(50);
  expect((await rowsScanned()) - before).toBeLessThan(1_000);
  const written = (await attemptsOf(database.admin, accountId)).filter((row) => deliveryIds.includes(row.deliveryId));
  expect(written).toHaveLength(100);
}, 120_000);

/** An admin client that skips the VACUUM at the end of filling, so that the tables have no statistics. */
function quiet(admin: TestDatabase['admin']): TestDatabase['admin'] {
  const query = (text: string, values?: unknown[]) =>
    text.startsWith('VACUUM') ? Promise.resolve() : admin.query(text, values);
  return { query } as unknown as TestDatabase['admin'];
}
