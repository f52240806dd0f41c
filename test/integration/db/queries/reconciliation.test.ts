import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createPool, type Database } from '../../../../db/client.js';
import { persistAttempts } from '../../../../db/delivery-path/persist-attempts.js';
import {
  countDeliveriesByAccount,
  listWaitingDeliveries,
  canReadAllDeliveries,
} from '../../../../db/queries/reconciliation.js';
import { recordDeliveries } from '../../../../db/delivery-path/record-deliveries.js';
import { packageRoot } from '../../../../local/process/package-root.js';
import { startTestDatabase, type TestDatabase } from '../../../support/database.js';
import { messageOf, seedWebhook } from '../../../support/rows.js';
import { settledRowOf } from '../../../support/settled.js';

let database: TestDatabase;
let reconciler: Database;
beforeAll(async () => {
  database = await startTestDatabase();
  const script = await readFile(join(packageRoot(), 'deploy', 'postgres', 'reconciliation-role.sql'), 'utf8');
  await database.admin.query(script);
  // The file may be run again.
  await database.admin.query(script);
  await database.admin.query(`ALTER ROLE hook_reconciliation PASSWORD 'local-only'`);
  const url = new URL(database.serviceUrl);
  url.username = 'hook_reconciliation';
  reconciler = createPool({ url: url.href, tls: false, poolMax: 2, applicationName: 'test' }, () => undefined);
});
afterAll(async () => {
  await reconciler.end();
  await database.close();
});

const NOON = Date.UTC(2026, 10, 23, 12);
const hour = (accountId?: string) => ({ accountId, fromMs: NOON, toMs: NOON + 3_600_000 });
let accountId: string;
let webhookId: string;
beforeEach(async () => {
  accountId = randomUUID();
  webhookId = await seedWebhook(database.admin, accountId);
});

async function accept(receivedAtMs = NOON + 1) {
  const [recorded] = await recordDeliveries(database.db, [messageOf(accountId, { receivedAtMs })]);
  return recorded!.deliveryId;
}
const finish = (deliveryId: string, change = {}) =>
  persistAttempts(database.db, [settledRowOf({ deliveryId, accountId, webhookId, ...change })]);
const delivered = { status: 'succeeded', outcome: 'delivered', nextAttemptAt: null } as const;
const nothing = { delivered: 0, dead_lettered: 0, canceled: 0, skipped_disabled: 0, contradictory: [] };

describe('the reconciliation of an account', () => {
  test('counts each delivery of the range once, with any number of attempts', async () => {
    await finish(await accept(), delivered);
    const retried = await accept(NOON + 2);
    await finish(retried);
    await finish(retried, { ...delivered, attempt: 2 });
    await finish(await accept(NOON + 3));
    await accept(NOON + 3_599_999);
    await accept(NOON + 3_600_000);
    await accept(NOON - 1);
    const expected = { ...nothing, accountId, accepted: 4, waiting: 2, delivered: 2 };
    expect(await countDeliveriesByAccount(database.db, hour(accountId))).toEqual([expected]);
    expect((await countDeliveriesByAccount(reconciler, hour())).filter((each) => each.accountId === accountId)).toEqual(
      [expected],
    );
  });

  test.each([
    ['a latest row is missing', 'UPDATE hook.delivery_attempts SET is_latest = false WHERE delivery_id = $1'],
    ['the first attempt is missing', 'UPDATE hook.delivery_attempts SET attempt_number = 2 WHERE delivery_id = $1'],
    ['it succeeded and waits', `UPDATE hook.delivery_attempts SET status = 'succeeded' WHERE delivery_id = $1`],
    ['it failed and is delivered', `UPDATE hook.delivery_attempts SET outcome = 'delivered' WHERE delivery_id = $1`],
  ])('name a delivery when %s', async (_what, damage) => {
    const [deliveryId] = [await accept(), await accept(NOON + 5)];
    await database.admin.query(damage, [deliveryId]);
    const [account] = await countDeliveriesByAccount(database.db, hour(accountId));
    expect(account?.contradictory).toEqual([deliveryId]);
  });

  test('are not shown to another account, and not to a role that names none', async () => {
    await accept();
    expect(await countDeliveriesByAccount(database.db, hour(randomUUID()))).toEqual([]);
    expect(await countDeliveriesByAccount(database.db, hour())).toEqual([]);
  });
});

describe('waiting deliveries', () => {
  test('are listed in pages, with their workflow', async () => {
    const ids = [await accept(NOON + 1), await accept(NOON + 2), await accept(NOON + 3)];
    await finish(await accept(NOON + 4), delivered);
    const first = await listWaitingDeliveries(database.db, hour(accountId), { limit: 2 });
    expect(first.map(({ deliveryId }) => deliveryId)).toEqual(ids.slice(0, 2));
    expect(first[0]).toMatchObject({ accountId, workflowId: expect.stringContaining(`wh-${accountId}-`) });
    const rest = await listWaitingDeliveries(database.db, hour(accountId), { after: first[1]?.deliveryId, limit: 2 });
    expect(rest.map(({ deliveryId }) => deliveryId)).toEqual(ids.slice(2));
  });
});

describe('the role of the books', () => {
  test('is told from one that sees nothing', async () => {
    expect(await canReadAllDeliveries(reconciler)).toBe(true);
    expect(await canReadAllDeliveries(database.db)).toBe(false);
  });

  test.each([
    'SELECT payload_snapshot FROM hook.delivery_attempts',
    'SELECT response_body_preview FROM hook.delivery_attempts',
    'SELECT secret_enc FROM hook.webhook_configs',
    'DELETE FROM hook.delivery_attempts',
    'UPDATE hook.delivery_attempts SET is_latest = false',
  ])('may not %s', async (statement) => {
    await expect(reconciler.query(statement)).rejects.toMatchObject({ code: expect.stringMatching(/^(42501|25006)$/) });
  });
});
