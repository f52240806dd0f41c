import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { persistAttempts } from '../../../../db/delivery-path/persist-attempts.js';
import { recordDeliveries } from '../../../../db/delivery-path/record-deliveries.js';
import {
  discardRecordedDeliveries,
  listPendingFirstAttempts,
} from '../../../../db/delivery-path/recorded-deliveries.js';
import {
  readDeliveryRecords,
  setOutcomes,
  type SetOutcomesRequest,
} from '../../../../db/delivery-path/set-outcomes.js';
import { startTestDatabase, type TestDatabase } from '../../../support/database.js';
import { attemptsOf, messageOf, seedWebhook } from '../../../support/rows.js';
import { settledRowOf } from '../../../support/settled.js';

let database: TestDatabase;
let accountId: string;
let ids: { deliveryId: string; accountId: string; webhookId: string };
let message: ReturnType<typeof messageOf>;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  accountId = randomUUID();
  const webhookId = await seedWebhook(database.admin, accountId);
  message = messageOf(accountId, { eventId: 'evt_1' });
  const [recorded] = await recordDeliveries(database.db, [message]);
  ids = { deliveryId: recorded?.deliveryId ?? '', accountId, webhookId };
});

const rows = () => attemptsOf(database.admin, accountId);
const persist = (change = {}) => persistAttempts(database.db, [settledRowOf({ ...ids, ...change })]);
const settle = (change: Partial<SetOutcomesRequest> = {}) =>
  setOutcomes(database.db, {
    accountId,
    deliveryIds: [ids.deliveryId],
    outcome: 'canceled',
    reason: 'canceled_on_request',
    ...change,
  });

describe('a delivery is ended', () => {
  test('before its first attempt: the row says that none was made', async () => {
    expect(await settle()).toBe(1);
    expect(await rows()).toEqual([
      expect.objectContaining({ status: 'canceled', outcome: 'canceled', outcomeReason: 'canceled_on_request' }),
    ]);
    expect((await rows())[0]).toMatchObject({ finishedAt: expect.any(Date), nextAttemptAt: null });
  });

  test('before its first attempt because its webhook is disabled', async () => {
    await settle({ outcome: 'skipped_disabled', reason: 'endpoint_disabled' });
    expect(await rows()).toEqual([expect.objectContaining({ status: 'skipped', outcome: 'skipped_disabled' })]);
  });

  test('after failures: on its latest row, whose attempt stays what it was', async () => {
    await persist();
    await persist({ attempt: 2 });
    await settle({ outcome: 'dead_lettered', reason: 'retries_exhausted' });
    const [first, latest] = await rows();
    expect(first).toMatchObject({ outcome: null });
    expect(latest).toMatchObject({ status: 'failed', outcome: 'dead_lettered', outcomeReason: 'retries_exhausted' });
    expect(latest).toMatchObject({ nextAttemptAt: null, finishedAt: new Date('2026-11-23T10:00:01.000Z') });
  });

  test('once: a later request changes nothing', async () => {
    await persist({ status: 'succeeded', outcome: 'delivered' });
    expect(await settle()).toBe(0);
    expect(await rows()).toEqual([expect.objectContaining({ status: 'succeeded', outcome: 'delivered' })]);
  });

  test('by the cycle that works on it, or a later one, and not by a workflow of an earlier one', async () => {
    await persist();
    await persist({ attempt: 2, cycle: 1, trigger: 'replay' });
    await settle({ cycle: 0 });
    expect(await rows()).toMatchObject([{ outcome: null }, { cycle: 1, outcome: null }]);
    await settle({ cycle: 2 });
    expect(await rows()).toMatchObject([{ outcome: null }, { cycle: 1, outcome: 'canceled' }]);
  });

  test('by its own account only', async () => {
    await settle({ accountId: randomUUID() });
    expect(await rows()).toEqual([expect.objectContaining({ status: 'pending', outcome: null })]);
  });
});

describe('a delivery is read for its dead letter', () => {
  test('with what its rows add up to', async () => {
    await persist();
    await persist({ attempt: 2, responseStatus: null, errorCode: 'timeout', cycle: 1, workflowId: 'wh-2' });
    expect(await readDeliveryRecords(database.db, accountId, [ids.deliveryId, randomUUID()])).toEqual([
      {
        deliveryId: ids.deliveryId,
        webhookId: ids.webhookId,
        eventType: 'order.paid',
        eventId: 'evt_1',
        cycle: 1,
        outcome: null,
        attempts: 2,
        lastErrorCode: 'timeout',
        lastResponseStatus: null,
        firstAttemptAt: new Date('2026-11-23T10:00:00.988Z'),
        lastAttemptAt: new Date('2026-11-23T10:00:00.988Z'),
        workflowId: 'wh-2',
      },
    ]);
  });

  test('by its own account only', async () => {
    expect(await readDeliveryRecords(database.db, randomUUID(), [ids.deliveryId])).toEqual([]);
  });
});

describe('what a message recorded', () => {
  test('waits until it is settled', async () => {
    const waiting = { deliveryId: ids.deliveryId, webhookId: ids.webhookId, eventType: 'order.paid' };
    expect(await listPendingFirstAttempts(database.db, message)).toEqual([waiting]);
    await persist();
    expect(await listPendingFirstAttempts(database.db, message)).toEqual([]);
  });

  test('is told from what the same event recorded a millisecond before or after, or another workflow at the same time', async () => {
    for (const stranger of [
      { ...message, receivedAtMs: message.receivedAtMs - 1 },
      { ...message, receivedAtMs: message.receivedAtMs + 1 },
      { ...message, workflowId: 'another' },
      { ...message, accountId: randomUUID() },
    ]) {
      expect(await listPendingFirstAttempts(database.db, stranger)).toEqual([]);
      expect(await discardRecordedDeliveries(database.db, stranger)).toBe(0);
    }
    expect(await rows()).toHaveLength(1);
  });

  test('is discarded while it waits or was skipped, and never once it was attempted', async () => {
    await seedWebhook(database.admin, accountId, { status: 'disabled' });
    const another = messageOf(accountId);
    await recordDeliveries(database.db, [another]);
    expect(await discardRecordedDeliveries(database.db, another)).toBe(2);
    await persist();
    expect(await discardRecordedDeliveries(database.db, message)).toBe(0);
    expect(await rows()).toHaveLength(1);
  });
});
