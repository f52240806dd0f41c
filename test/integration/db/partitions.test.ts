import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Database } from '../../../db/client.js';
import { loadAttempts } from '../../../db/delivery-path/load-attempts.js';
import { persistAttempts } from '../../../db/delivery-path/persist-attempts.js';
import { recordDeliveries } from '../../../db/delivery-path/record-deliveries.js';
import { discardRecordedDeliveries, listPendingFirstAttempts } from '../../../db/delivery-path/recorded-deliveries.js';
import { readDeliveryRecords, setOutcomes } from '../../../db/delivery-path/set-outcomes.js';
import { startTestDatabase, type TestDatabase } from '../../support/database.js';
import { tablesTouched } from '../../support/explain.js';
import { attemptsOf, messageOf, seedWebhook } from '../../support/rows.js';
import { settledRowOf } from '../../support/settled.js';

const DAY = 86_400_000;
/** The Thursday of a week: three days before and after it are days of the same week. */
const thursday = Math.floor(Date.now() / (7 * DAY)) * 7 * DAY;

let database: TestDatabase;
let accountId: string;
beforeAll(async () => {
  database = await startTestDatabase();
  accountId = randomUUID();
});
afterAll(() => database.close());

const touchedBy = async (work: (db: Database) => Promise<unknown>) =>
  (await tablesTouched(database.db, work)).filter((table) => table.startsWith('delivery_attempts_'));

/** Records a delivery on that Thursday and names the one partition that holds it. */
async function recorded() {
  const webhookId = await seedWebhook(database.admin, accountId);
  const message = messageOf(accountId, { receivedAtMs: thursday });
  const [{ deliveryId } = { deliveryId: '' }] = await recordDeliveries(database.db, [message]);
  const row = (await attemptsOf(database.admin, accountId)).find((r) => r.deliveryId === deliveryId);
  const partition = row?.partition.replace('hook.', '') ?? '';
  return { message, partition, ids: { deliveryId, accountId, webhookId } };
}

describe('one week’s partition, and no other, is touched by', () => {
  test('recording a message, whose event is looked for three days around', async () => {
    const { partition } = await recorded();
    expect(partition).toMatch(/^delivery_attempts_\d{8}$/);
    const message = messageOf(accountId, { receivedAtMs: thursday });
    expect(await touchedBy((db) => recordDeliveries(db, [message]))).toEqual([partition]);
  });

  test.each<[string, (db: Database, of: Awaited<ReturnType<typeof recorded>>) => Promise<unknown>]>([
    ['what a message left waiting', (db, { message }) => listPendingFirstAttempts(db, message)],
    ['discarding what a message recorded', (db, { message }) => discardRecordedDeliveries(db, message)],
    ['loading', (db, { ids }) => loadAttempts(db, ids.accountId, [{ deliveryId: ids.deliveryId, attempt: 2 }])],
    ['reading for a dead letter', (db, { ids }) => readDeliveryRecords(db, ids.accountId, [ids.deliveryId])],
    [
      'settling',
      (db, { ids: { accountId, deliveryId } }) =>
        setOutcomes(db, {
          accountId,
          deliveryIds: [deliveryId],
          outcome: 'canceled',
          reason: 'canceled_on_request',
        }),
    ],
    ['writing a first attempt', (db, { ids }) => persistAttempts(db, [settledRowOf(ids)])],
    ['writing a later attempt', (db, { ids }) => persistAttempts(db, [settledRowOf({ ...ids, attempt: 2 })])],
  ])('%s', async (_, work) => {
    const of = await recorded();
    expect(await touchedBy((db) => work(db, of))).toEqual([of.partition]);
  });
});
