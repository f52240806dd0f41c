import type { FinishedAttemptRow } from '../../db/delivery-path/persist-attempts.js';

/** A first attempt that failed, as its row would be written. */
export function settledRowOf(
  change: Partial<FinishedAttemptRow> & Pick<FinishedAttemptRow, 'deliveryId' | 'accountId' | 'webhookId'>,
): FinishedAttemptRow {
  const finishedAt = new Date('2026-11-23T10:00:01.000Z');
  return {
    attempt: 1,
    eventId: 'evt_1',
    eventType: 'order.paid',
    workflowId: 'wh-1',
    cycle: 0,
    trigger: 'dispatch',
    status: 'failed',
    outcome: null,
    outcomeReason: null,
    responseStatus: 500,
    errorCode: 'http_error',
    preview: 'no',
    durationMs: 12,
    startedAt: new Date('2026-11-23T10:00:00.988Z'),
    finishedAt,
    nextAttemptAt: new Date('2026-11-23T10:00:06.000Z'),
    secretVersion: 1,
    requestedBy: null,
    requestReason: null,
    endpoint: null,
    ...change,
  };
}
