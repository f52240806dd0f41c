import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createRevalidator } from '../../../../activities/create-revalidator.js';
import { loadAttempts } from '../../../../db/delivery-path/load-attempts.js';
import { persistAttempts } from '../../../../db/delivery-path/persist-attempts.js';
import { revalidateAttempts } from '../../../../db/delivery-path/revalidate-attempts.js';
import { recordDeliveries } from '../../../../db/delivery-path/record-deliveries.js';
import { discardRecordedDeliveries } from '../../../../db/delivery-path/recorded-deliveries.js';
import { setOutcomes } from '../../../../db/delivery-path/set-outcomes.js';
import { startTestDatabase, type TestDatabase } from '../../../support/database.js';
import { messageOf, seedWebhook } from '../../../support/rows.js';
import { settledRowOf } from '../../../support/settled.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.close());

let accountId: string;
let webhookId: string;
let message: ReturnType<typeof messageOf>;
let deliveryId: string;
beforeEach(async () => {
  accountId = randomUUID();
  webhookId = await seedWebhook(database.admin, accountId);
  message = messageOf(accountId);
  const [recorded] = await recordDeliveries(database.db, [message]);
  deliveryId = recorded?.deliveryId ?? '';
});

const revalidate = (attempt: number, account = accountId) =>
  revalidateAttempts(database.db, { accountId: account, webhookId, attempts: [{ deliveryId, attempt }] });
const change = (assignment: string) =>
  database.admin.query(`UPDATE hook.webhook_configs SET ${assignment} WHERE id = $1`, [webhookId]);

describe('a first attempt that waits for more than a second', () => {
  /** Loads the attempt, runs `meanwhile`, and revalidates after a second of a simulated clock. */
  async function waitDuring(meanwhile: () => Promise<unknown>) {
    const clock = { nowMs: 0 };
    const startWaiting = createRevalidator({
      revalidateAttempts: (request) => revalidateAttempts(database.db, request),
      now: () => clock.nowMs,
    });
    const [loaded] = await loadAttempts(database.db, accountId, [{ deliveryId, attempt: 1 }]);
    const waitingAttempt = startWaiting(loaded!, 1, clock.nowMs);
    await meanwhile();
    clock.nowMs += 1_001;
    return { loaded, current: await waitingAttempt.revalidate() };
  }

  test('has what it was loaded with where nothing has changed', async () => {
    const { loaded, current } = await waitDuring(async () => undefined);
    expect(current).toEqual(loaded);
  });

  test.each([
    [
      'a rotated secret',
      `secret_enc = '\\x0102', secret_version = 2, secret_prev_enc = '\\x09', secret_prev_expires_at = now() + interval '1 min'`,
      { secretEnc: Buffer.from([1, 2]), secretVersion: 2, previousSecretEnc: Buffer.from([9]) },
    ],
    ['a disabled endpoint', `status = 'disabled'`, { status: 'disabled' }],
    ['a slow endpoint', `slow_until = now() + interval '1 min'`, { slow: true }],
    [
      'another URL, limit and revision',
      `url = 'https://b.example.com/', rate_limit = 3, revision = 7`,
      { url: 'https://b.example.com/', rateLimit: 3, revision: 7 },
    ],
  ])('meets %s', async (_, assignment, expected) => {
    const { loaded, current } = await waitDuring(() => change(assignment));
    expect(current?.endpoint).toMatchObject(expected);
    expect(current?.body).toBe(loaded?.body);
  });

  test('meets no endpoint that is deleted', async () => {
    const { current } = await waitDuring(() => change('deleted_at = now()'));
    expect(current).toMatchObject({ deliveryId, endpoint: undefined, finished: undefined });
  });

  test('learns that its delivery has been canceled', async () => {
    const canceled = { outcome: 'canceled', reason: 'canceled_on_request' } as const;
    const { current } = await waitDuring(() =>
      setOutcomes(database.db, { accountId, deliveryIds: [deliveryId], ...canceled }),
    );
    expect(current?.finished).toMatchObject({ status: 'canceled', outcome: 'canceled' });
  });

  test('is nothing any more when its delivery was discarded', async () => {
    const { current } = await waitDuring(() => discardRecordedDeliveries(database.db, message));
    expect(current).toBeUndefined();
  });
});

test('what another run has settled is told, of exactly the asked attempts', async () => {
  const [other] = await recordDeliveries(database.db, [messageOf(accountId)]);
  await persistAttempts(database.db, [settledRowOf({ deliveryId, accountId, webhookId })]);
  const attempts = [
    { deliveryId, attempt: 1 },
    { deliveryId, attempt: 2 },
    { deliveryId: other?.deliveryId ?? '', attempt: 1 },
  ];
  const { endpoint, noLongerPending } = await revalidateAttempts(database.db, { accountId, webhookId, attempts });
  expect(endpoint).toMatchObject({ status: 'enabled' });
  const settled = { status: 'failed', outcome: null, responseStatus: 500, errorCode: 'http_error', nextDelayMs: 5_000 };
  expect(noLongerPending).toEqual([{ deliveryId, attempt: 1, settled }]);
});

test('another account is shown neither the endpoint nor what became of its deliveries', async () => {
  await persistAttempts(database.db, [settledRowOf({ deliveryId, accountId, webhookId, status: 'canceled' })]);
  const gone = { deliveryId, attempt: 1, settled: 'gone' };
  expect(await revalidate(1, randomUUID())).toEqual({ endpoint: undefined, noLongerPending: [gone] });
});

test('a later attempt, which has no row before it is made, is not taken for gone', async () => {
  expect((await revalidate(2)).noLongerPending).toEqual([]);
});
