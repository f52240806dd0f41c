import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { loadAttempts } from '../../../../db/delivery-path/load-attempts.js';
import { persistAttempts } from '../../../../db/delivery-path/persist-attempts.js';
import { recordDeliveries } from '../../../../db/delivery-path/record-deliveries.js';
import { startTestDatabase, type TestDatabase } from '../../../support/database.js';
import { attemptsOf, messageOf, seedWebhook } from '../../../support/rows.js';
import { settledRowOf } from '../../../support/settled.js';

let database: TestDatabase;
let accountId: string;
let ids: { deliveryId: string; accountId: string; webhookId: string };
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  accountId = randomUUID();
  const webhookId = await seedWebhook(database.admin, accountId);
  const [recorded] = await recordDeliveries(database.db, [messageOf(accountId, { eventId: 'evt_1' })]);
  ids = { deliveryId: recorded?.deliveryId ?? '', accountId, webhookId };
});

const load = (attempt: number, account = accountId) =>
  loadAttempts(database.db, account, [{ deliveryId: ids.deliveryId, attempt }]);
const change = (assignment: string) =>
  database.admin.query(`UPDATE hook.webhook_configs SET ${assignment} WHERE id = $1`, [ids.webhookId]);

describe('what an attempt is loaded with', () => {
  test('is the body of the first row, byte for byte, whichever attempt it is', async () => {
    const [row] = await attemptsOf(database.admin, accountId);
    for (const attempt of [1, 2, 7]) {
      const [loaded] = await load(attempt);
      expect(loaded).toMatchObject({ ...ids, eventId: 'evt_1', eventType: 'order.paid', body: row?.body });
      expect(loaded?.finished).toBeUndefined();
    }
  });

  test('is the webhook as it is now', async () => {
    await change(`url = 'https://new.example.com/', secret_enc = '\\x0102', secret_version = 2`);
    expect((await load(1))[0]?.endpoint).toEqual({
      url: 'https://new.example.com/',
      secretEnc: Buffer.from([1, 2]),
      previousSecretEnc: undefined,
      rateLimit: null,
      secretVersion: 2,
      status: 'enabled',
      slow: false,
      revision: 1,
      shouldNoteSuccess: true,
      shouldNoteFailure: true,
    });
  });

  test.each([
    [`status = 'disabled'`, { status: 'disabled' }],
    [`slow_until = now() + interval '1 min'`, { slow: true }],
    [`slow_until = now() - interval '1 min'`, { slow: false }],
    [`revision = 7`, { revision: 7 }],
    [`last_success_at = now()`, { shouldNoteSuccess: false, shouldNoteFailure: false }],
    [`last_success_at = now() - interval '30 s'`, { shouldNoteSuccess: false, shouldNoteFailure: true }],
    [`last_success_at = now() - interval '2 min'`, { shouldNoteSuccess: true, shouldNoteFailure: true }],
    [`last_success_at = now(), failing_since = now()`, { shouldNoteSuccess: true, shouldNoteFailure: false }],
    [`deleted_at = now()`, undefined],
  ])('says so when %s', async (assignment, expected) => {
    await change(assignment);
    const endpoint = (await load(1))[0]?.endpoint;
    if (expected === undefined) expect(endpoint).toBeUndefined();
    else expect(endpoint).toMatchObject(expected);
  });

  test('SIG-04 has the secret before the last rotation until its time has come, for first attempts and for later ones', async () => {
    const signing = async () => {
      const [recorded] = await recordDeliveries(database.db, [messageOf(accountId)]);
      const first = recorded?.kind === 'ready' ? recorded.delivery.previousSecretEnc : 'not recorded';
      return [first, (await load(2))[0]?.endpoint?.previousSecretEnc];
    };
    const before = Buffer.from([9, 9]);
    await change(`secret_prev_enc = '\\x0909', secret_prev_expires_at = now() + interval '1 min'`);
    expect(await signing()).toEqual([before, before]);
    await change(`secret_prev_expires_at = now() - interval '1 s'`);
    expect(await signing()).toEqual([undefined, undefined]);
  });

  test('says whether the asked attempt is settled, and how long its next one was to wait', async () => {
    await persistAttempts(database.db, [settledRowOf(ids)]);
    await persistAttempts(database.db, [
      settledRowOf({
        ...ids,
        attempt: 2,
        status: 'succeeded',
        outcome: 'delivered',
        responseStatus: 200,
        errorCode: null,
        nextAttemptAt: null,
      }),
    ]);
    expect((await load(2))[0]?.finished).toEqual({
      status: 'succeeded',
      outcome: 'delivered',
      responseStatus: 200,
      errorCode: null,
      nextDelayMs: null,
    });
    expect((await load(3))[0]?.finished).toBeUndefined();
  });

  test('keeps the planned wait of a first attempt that failed', async () => {
    await persistAttempts(database.db, [settledRowOf(ids)]);
    expect((await load(1))[0]?.finished).toMatchObject({
      status: 'failed',
      errorCode: 'http_error',
      nextDelayMs: 5_000,
    });
  });

  test('keeps a wait of a day with its jitter', async () => {
    const finishedAt = new Date('2026-11-23T10:00:00Z');
    const nextAttemptAt = new Date(finishedAt.getTime() + 103_680_000);
    await persistAttempts(database.db, [settledRowOf({ ...ids, finishedAt, nextAttemptAt })]);
    expect((await load(1))[0]?.finished?.nextDelayMs).toBe(103_680_000);
  });
});

describe('nothing is loaded', () => {
  test('of another account’s delivery', async () => {
    expect(await load(1, randomUUID())).toEqual([]);
  });

  test('of a delivery that has no row', async () => {
    expect(await loadAttempts(database.db, accountId, [{ deliveryId: randomUUID(), attempt: 1 }])).toEqual([]);
  });
});

test('many deliveries are loaded at once, each for its own attempt', async () => {
  const second = await recordDeliveries(database.db, [messageOf(accountId, { eventId: 'evt_2' })]);
  await persistAttempts(database.db, [settledRowOf(ids)]);
  const requests = [ids.deliveryId, second[0]?.deliveryId ?? ''].map((deliveryId) => ({ deliveryId, attempt: 1 }));
  const loaded = await loadAttempts(database.db, accountId, requests);
  expect(loaded.map(({ eventId, finished }) => [eventId, finished?.status]).sort()).toEqual([
    ['evt_1', 'failed'],
    ['evt_2', undefined],
  ]);
});
