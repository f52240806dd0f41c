import { describe, expect, test } from '@jest/globals';
import { publishDeadLetter } from '../../../activities/publish-dead-letter.js';
import { type DeliveryDeadLetter, deliveryDeadLetterSchema } from '../../../contracts/bus/dead-letter.js';
import type { DeadLetterRequest } from '../../../contracts/workflows/deliver-webhook.js';
import type { DeliveryRecord, SetOutcomesRequest } from '../../../db/delivery-path/set-outcomes.js';
import { ACCOUNT, NOW, WEBHOOK } from './attempt-fake.js';

const id = (n: number) => `00000000-0000-7000-8000-00000000000${String(n)}`;
const at = new Date(NOW);
const record = (deliveryId: string, more: Partial<DeliveryRecord> = {}): DeliveryRecord => ({
  deliveryId,
  webhookId: WEBHOOK,
  eventId: 'evt_1',
  eventType: 'order.paid',
  cycle: 0,
  outcome: null,
  attempts: 3,
  lastErrorCode: 'timeout',
  lastResponseStatus: null,
  firstAttemptAt: at,
  lastAttemptAt: at,
  workflowId: 'wh-1',
  ...more,
});

/** Publishes dead letters for these deliveries and records the calls in their order. */
async function publish(
  records: DeliveryRecord[],
  more: Partial<DeadLetterRequest> = {},
  broker = () => Promise.resolve(),
) {
  const done: string[] = [];
  const letters: DeliveryDeadLetter[] = [];
  const settlements: SetOutcomesRequest[] = [];
  const deps = {
    readDeliveryRecords: () => Promise.resolve(records),
    publishDeliveryDeadLetter: async (letter: DeliveryDeadLetter) => {
      await broker();
      done.push(`publish ${letter.id}`);
      letters.push(letter);
    },
    setOutcomes: (settlement: SetOutcomesRequest) => {
      done.push('settle');
      settlements.push(settlement);
      return Promise.resolve();
    },
    now: () => NOW,
  };
  const deliveryIds = records.map(({ deliveryId }) => deliveryId);
  const request = { accountId: ACCOUNT, cycle: 0, deliveryIds, reason: 'retries_exhausted' as const, ...more };
  const error = await publishDeadLetter(deps, request).catch((thrown: unknown) => thrown);
  return { done, letters, settlements, error };
}

describe('dead letters', () => {
  test('are published one a delivery, and only then the outcome is written', async () => {
    const { done, settlements } = await publish([record(id(1)), record(id(2))]);
    expect(done).toEqual([`publish ${id(1)}:0`, `publish ${id(2)}:0`, 'settle']);
    expect(settlements).toEqual([
      {
        accountId: ACCOUNT,
        cycle: 0,
        deliveryIds: [id(1), id(2)],
        outcome: 'dead_lettered',
        reason: 'retries_exhausted',
      },
    ]);
  });

  test('tell ids, counts, codes and where to look, and fit their schema', async () => {
    const { letters } = await publish([record(id(1), { lastResponseStatus: 503 })]);
    expect(deliveryDeadLetterSchema.parse(letters[0])).toMatchObject({
      deliveryId: id(1),
      webhookId: WEBHOOK,
      accountId: ACCOUNT,
      attempts: 3,
      lastResponseStatus: 503,
      time: at.toISOString(),
      replay: { method: 'POST', path: `/v1/deliveries/${id(1)}/retry` },
    });
  });

  test('leave the outcome open when the broker does not take them', async () => {
    const { done, error } = await publish([record(id(1))], {}, () => Promise.reject(new Error('no responders')));
    expect(done).toEqual([]);
    expect(error).toMatchObject({ message: 'no responders' });
  });

  test('are not published again for a delivery that has its outcome', async () => {
    const { done } = await publish([record(id(1), { outcome: 'dead_lettered' }), record(id(2))]);
    expect(done).toEqual([`publish ${id(2)}:0`, 'settle']);
    expect((await publish([record(id(1), { outcome: 'delivered' })])).done).toEqual([]);
    expect((await publish([])).done).toEqual([]);
  });

  test('are not published for a delivery that a later cycle works on', async () => {
    expect((await publish([record(id(1), { cycle: 2 })], { cycle: 1 })).done).toEqual([]);
  });

  test('of a removed endpoint end as canceled: the customer wanted it', async () => {
    const never = record(id(1), { firstAttemptAt: null, lastAttemptAt: null, attempts: 1 });
    const { letters, settlements } = await publish([never], { reason: 'endpoint_deleted' });
    expect(settlements[0]).toMatchObject({ outcome: 'canceled', reason: 'endpoint_deleted' });
    expect(letters[0]).toMatchObject({ attempts: 0, firstAttemptAt: null });
  });

  test('of a replay have another id, and count also where the first cycle made no attempt', async () => {
    const { letters } = await publish([record(id(1), { firstAttemptAt: null, cycle: 1, attempts: 4 })], { cycle: 1 });
    expect(letters[0]).toMatchObject({ id: `${id(1)}:1`, attempts: 4 });
  });
});
