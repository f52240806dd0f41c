import type { AttemptErrorCode, GiveUpReason } from './statuses.js';
import type { AttemptOutcome } from './outcome.js';
import { nextDelayMs } from './retry-schedule.js';

/** How far a delivery of a running workflow has come. */
export interface Progress {
  readonly deliveryId: string;
  readonly webhookId: string;
  readonly jitterKey: string;
  /** The number of the attempt that is due, counted over all cycles, from 1. */
  attempt: number;
  dueAtMs: number;
  /** When the endpoint's rate limit has room for it; see `AttemptOutcome`. */
  sendAtMs?: number;
  phase: 'waiting' | 'giving_up' | 'ended';
  end?: DeliveryEnd;
  lastErrorCode?: AttemptErrorCode;
  lastResponseStatus?: number;
}

export type DeliveryEnd =
  | { outcome: 'delivered' }
  | { outcome: 'skipped_disabled' }
  | { outcome: 'dead_lettered'; reason: GiveUpReason }
  | { outcome: 'canceled'; reason: 'endpoint_deleted' | 'requested' };

export interface Timetable {
  readonly schedule: readonly number[];
  /** Attempts of earlier cycles: the schedule counts from there. */
  readonly attemptsBefore: number;
}

export function createProgress(
  delivery: Pick<Progress, 'deliveryId' | 'webhookId' | 'jitterKey'>,
  attempt: number,
): Progress {
  return { ...delivery, attempt, dueAtMs: 0, phase: 'waiting' };
}

/** All deliveries of a message before their first attempt in a cycle. An endpoint's wait together, by the jitter of its first. */
export const createAllProgress = (
  endpoints: readonly { webhookId: string; deliveryIds: readonly string[] }[],
  attempt: number,
): Progress[] =>
  endpoints.flatMap(({ webhookId, deliveryIds }) =>
    deliveryIds.map((deliveryId) =>
      createProgress({ deliveryId, webhookId, jitterKey: deliveryIds[0] ?? deliveryId }, attempt),
    ),
  );

/** What an activity needs to know about a delivery whose attempt is due. */
export const toAttemptRequest = ({ deliveryId, webhookId, attempt, jitterKey, sendAtMs }: Progress) => {
  return { deliveryId, webhookId, attempt, jitterKey, ...(sendAtMs === undefined ? {} : { slotAtMs: sendAtMs }) };
};

/**
 * Takes an attempt's outcome in. What was deferred keeps its attempt and is due at once unless told otherwise; what failed becomes due
 * when the schedule or the receiver says; what cannot go on is given up and waits for its dead letter.
 */
export function applyOutcome(progress: Progress, outcome: AttemptOutcome, at: Timetable & { nowMs: number }): void {
  delete progress.sendAtMs;
  switch (outcome.kind) {
    case 'deferred':
      if (outcome.retryAfterMs !== undefined) progress.dueAtMs = at.nowMs + outcome.retryAfterMs;
      if (outcome.sendAtMs !== undefined) progress.sendAtMs = outcome.sendAtMs;
      return;
    case 'delivered':
      progress.lastResponseStatus = outcome.status;
      endDelivery(progress, { outcome: 'delivered' });
      return;
    case 'skipped':
      endDelivery(progress, { outcome: 'skipped_disabled' });
      return;
    case 'giveUp':
      rememberAnswer(progress, outcome);
      giveUp(progress, outcome.reason);
      return;
    case 'retry':
      rememberAnswer(progress, outcome);
      scheduleNext(progress, outcome.retryAfterMs, at);
  }
}

function scheduleNext(progress: Progress, retryAfterMs: number | undefined, at: Timetable & { nowMs: number }): void {
  const delay = computeRetryDelayMs(progress, { ...at, retryAfterMs });
  if (delay === undefined) {
    giveUp(progress, 'retries_exhausted');
    return;
  }
  progress.attempt += 1;
  progress.dueAtMs = at.nowMs + delay;
}

/** The one place that turns "attempt n of this delivery failed" into a wait; the attempt's row shows the same. */
export function computeRetryDelayMs(
  { attempt, jitterKey }: Pick<Progress, 'attempt' | 'jitterKey'>,
  { schedule, attemptsBefore, retryAfterMs }: Timetable & { retryAfterMs?: number | undefined },
): number | undefined {
  return nextDelayMs({ schedule, attemptsMade: attempt - attemptsBefore, jitterKey, retryAfterMs });
}

export function endDelivery(progress: Progress, end: DeliveryEnd): void {
  progress.phase = 'ended';
  progress.end = end;
}

function giveUp(progress: Progress, reason: GiveUpReason): void {
  progress.phase = 'giving_up';
  // The customer took the endpoint away: nothing failed. The dead letter says so too, but nobody has to look at it.
  progress.end = reason === 'endpoint_deleted' ? { outcome: 'canceled', reason } : { outcome: 'dead_lettered', reason };
}

function rememberAnswer(progress: Progress, { code, status }: { code?: AttemptErrorCode; status?: number }): void {
  delete progress.lastErrorCode;
  delete progress.lastResponseStatus;
  if (code !== undefined) progress.lastErrorCode = code;
  if (status !== undefined) progress.lastResponseStatus = status;
}
