import { describe, expect, test } from '@jest/globals';
import type { DeliverWebhookInput } from '../../../contracts/workflows/deliver-webhook.js';
import { type Progress, endDelivery, createProgress } from '../../../domain/delivery/progress.js';
import { countOutcomes, type DeliveryRun, listDeliveryStates } from '../../../workflows/delivery-run.js';
import { renderDetailsTable } from '../../../workflows/describe-deliveries.js';

const input: DeliverWebhookInput = { accountId: 'a', endpoints: [], schedule: [0], cycle: 0, attemptsBefore: 0 };
const progress = (n = 1, more: Partial<Progress> = {}): Progress => ({
  ...createProgress({ deliveryId: `d${String(n)}`, webhookId: 'w', jitterKey: 'd' }, 1),
  ...more,
});
const ended = (n: number, end: Parameters<typeof endDelivery>[1]): Progress => {
  const delivery = progress(n);
  endDelivery(delivery, end);
  return delivery;
};
const runWith = (deliveries: Progress[], attempting: string[] = []): DeliveryRun => ({
  input,
  deliveries,
  attempting: new Set(attempting),
  cancelRequested: new Set<string>(),
  retryNowRequested: new Set<string>(),
});

describe('the state of a delivery', () => {
  test('is waiting, with the time of its next attempt and its last answer', () => {
    const waits = progress(1, { attempt: 2, dueAtMs: 0, lastErrorCode: 'http_error', lastResponseStatus: 500 });
    expect(listDeliveryStates(runWith([waits]))).toEqual([
      {
        deliveryId: 'd1',
        webhookId: 'w',
        attempt: 2,
        status: 'waiting',
        lastErrorCode: 'http_error',
        lastResponseStatus: 500,
        nextAttemptAt: '1970-01-01T00:00:00.000Z',
      },
    ]);
  });

  test('is attempting while an attempt is made, or its dead letter is on the way', () => {
    const givingUp = progress(2, { phase: 'giving_up', end: { outcome: 'dead_lettered', reason: 'endpoint_gone' } });
    for (const state of listDeliveryStates(runWith([progress(1), givingUp], ['d1']))) {
      expect(state.status).toBe('attempting');
      expect(state).not.toHaveProperty('nextAttemptAt');
    }
  });

  test('is its outcome once it is settled', () => {
    expect(listDeliveryStates(runWith([ended(1, { outcome: 'delivered' })]))).toMatchObject([{ status: 'delivered' }]);
  });
});

test('the summary counts outcomes', () => {
  const deliveries = [
    ended(1, { outcome: 'delivered' }),
    ended(2, { outcome: 'delivered' }),
    ended(3, { outcome: 'canceled', reason: 'requested' }),
    ended(4, { outcome: 'skipped_disabled' }),
    ended(5, { outcome: 'dead_lettered', reason: 'retries_exhausted' }),
  ];
  expect(countOutcomes(runWith(deliveries))).toEqual({
    delivered: 2,
    dead_lettered: 1,
    canceled: 1,
    skipped_disabled: 1,
  });
});

describe('what operations read in the Temporal UI', () => {
  test('is a table of ids, codes and times', () => {
    const table = renderDetailsTable(
      runWith([progress(1, { lastResponseStatus: 503, lastErrorCode: 'http_error', attempt: 2 })]),
    );
    expect(table.split('\n')).toEqual([
      '| endpoint | delivery | attempt | state | last result | next attempt |',
      '|---|---|---|---|---|---|',
      '| w | d1 | 2 | waiting | 503 http_error | 1970-01-01T00:00:00.000Z |',
    ]);
  });

  test('stays small for the largest batch', () => {
    const all = Array.from({ length: 1_000 }, (_, n) => progress(n));
    const table = renderDetailsTable(runWith(all));
    expect(table).toMatch(/… and 950 more$/);
    expect(Buffer.byteLength(table)).toBeLessThan(20_000);
  });
});
