import { describe, expect, test } from '@jest/globals';
import type { DeliverWebhookInput } from '../../../contracts/workflows/deliver-webhook.js';
import { type Progress, endDelivery, createProgress } from '../../../domain/delivery/progress.js';
import type { DeliveryRun } from '../../../workflows/delivery-run.js';
import { listDeliveryStates, renderDetailsTable, countOutcomes } from '../../../workflows/describe-deliveries.js';

const input: DeliverWebhookInput = { accountId: 'a', endpoints: [], schedule: [0], cycle: 0, attemptsBefore: 0 };
const progress = (n = 1, more: Partial<Progress> = {}): Progress => ({
  ...createProgress({ deliveryId: `d${String(n)}`, webhookId: 'w', jitterKey: 'd' }, 1),
  ...more,
});
const settled = (n: number, end: Parameters<typeof endDelivery>[1]): Progress => {
  const it = progress(n);
  endDelivery(it, end);
  return it;
};
const delivering = (deliveries: Progress[], attempting: string[] = []): DeliveryRun => ({
  input,
  deliveries,
  attempting: new Set(attempting),
  cancelRequested: new Set<string>(),
  wakeRequested: new Set<string>(),
});

describe('the state of a delivery', () => {
  test('is waiting, with the time of its next attempt and its last answer', () => {
    const waits = progress(1, { attempt: 2, dueAtMs: 0, lastErrorCode: 'http_error', lastResponseStatus: 500 });
    expect(listDeliveryStates(delivering([waits]))).toEqual([
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
    for (const state of listDeliveryStates(delivering([progress(1), givingUp], ['d1']))) {
      expect(state.status).toBe('attempting');
      expect(state).not.toHaveProperty('nextAttemptAt');
    }
  });

  test('is its outcome once it is settled', () => {
    expect(listDeliveryStates(delivering([settled(1, { outcome: 'delivered' })]))).toMatchObject([
      { status: 'delivered' },
    ]);
  });
});

test('the summary counts outcomes', () => {
  const deliveries = [
    settled(1, { outcome: 'delivered' }),
    settled(2, { outcome: 'delivered' }),
    settled(3, { outcome: 'canceled', reason: 'requested' }),
    settled(4, { outcome: 'skipped_disabled' }),
    settled(5, { outcome: 'dead_lettered', reason: 'retries_exhausted' }),
  ];
  expect(countOutcomes(delivering(deliveries))).toEqual({
    delivered: 2,
    dead_lettered: 1,
    canceled: 1,
    skipped_disabled: 1,
  });
});

describe('what operations read in the Temporal UI', () => {
  test('is a table of ids, codes and times', () => {
    const table = renderDetailsTable(
      delivering([progress(1, { lastResponseStatus: 503, lastErrorCode: 'http_error', attempt: 2 })]),
    );
    expect(table.split('\n')).toEqual([
      '| endpoint | delivery | attempt | state | last result | next attempt |',
      '|---|---|---|---|---|---|',
      '| w | d1 | 2 | waiting | 503 http_error | 1970-01-01T00:00:00.000Z |',
    ]);
  });

  test('stays small for the largest batch', () => {
    const all = Array.from({ length: 1_000 }, (_, n) => progress(n));
    const table = renderDetailsTable(delivering(all));
    expect(table).toMatch(/… and 950 more$/);
    expect(Buffer.byteLength(table)).toBeLessThan(20_000);
  });
});
