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
  /** Milliseconds since 1970; 0 is due at once. */
  dueAtMs: number;
  /** Send time reserved under the endpoint's rate limit, in milliseconds since 1970; see `AttemptOutcome`. */
  sendAtMs?: number;
  /** `giving_up`: its dead letter is not published yet. */
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

export interface CycleSchedule {
  /** Delay in milliseconds before each attempt of this cycle. */
  readonly schedule: readonly number[];
  /** Attempts of earlier cycles. The schedule's index starts after them. */
  readonly attemptsBefore: number;
}

export function createProgress(
  delivery: Pick<Progress, 'deliveryId' | 'webhookId' | 'jitterKey'>,
  attempt: number,
): Progress {
  return { ...delivery, attempt, dueAtMs: 0, phase: 'waiting' };
}

/** All deliveries of a message before their first attempt in a cycle. One endpoint's deliveries share a jitter key, so their retries are due together. */
export const createAllProgress = (
  endpoints: readonly { webhookId: string; deliveryIds: readonly string[] }[],
  attempt: number,
): Progress[] =>
  endpoints.flatMap(({ webhookId, deliveryIds }) =>
    deliveryIds.map((deliveryId) =>
      createProgress({ deliveryId, webhookId, jitterKey: deliveryIds[0] ?? deliveryId }, attempt),
    ),
  );

/** The part of an activity's input that describes one due delivery. */
export const toAttemptRequest = ({ deliveryId, webhookId, attempt, jitterKey, sendAtMs }: Progress) => ({
  deliveryId,
  webhookId,
  attempt,
  jitterKey,
  ...(sendAtMs === undefined ? {} : { sendAtMs }),
});

/**
 * Applies an attempt's outcome. A deferred delivery keeps its attempt number and is due at once, or after `retryAfterMs`. A
 * failed delivery is due when the schedule or the receiver's `Retry-After` allows it, whichever is later. A delivery without
 * a further attempt is given up: its dead letter comes next.
 */
export function applyOutcome(progress: Progress, outcome: AttemptOutcome, at: CycleSchedule & { nowMs: number }): void {
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
      storeLastAnswer(progress, outcome);
      giveUp(progress, outcome.reason);
      return;
    case 'retry':
      storeLastAnswer(progress, outcome);
      scheduleNextAttempt(progress, outcome.retryAfterMs, at);
  }
}

function scheduleNextAttempt(
  progress: Progress,
  retryAfterMs: number | undefined,
  at: CycleSchedule & { nowMs: number },
): void {
  const delayMs = computeRetryDelayMs(progress, { ...at, retryAfterMs });
  if (delayMs === undefined) {
    giveUp(progress, 'retries_exhausted');
    return;
  }
  progress.attempt += 1;
  progress.dueAtMs = at.nowMs + delayMs;
}

/** Milliseconds until the next attempt after a failed one, or `undefined` after the last. The workflow and the attempt's row both use it. */
export function computeRetryDelayMs(
  { attempt, jitterKey }: Pick<Progress, 'attempt' | 'jitterKey'>,
  { schedule, attemptsBefore, retryAfterMs }: CycleSchedule & { retryAfterMs?: number | undefined },
): number | undefined {
  return nextDelayMs({ schedule, attemptsMade: attempt - attemptsBefore, jitterKey, retryAfterMs });
}

export function endDelivery(progress: Progress, end: DeliveryEnd): void {
  progress.phase = 'ended';
  progress.end = end;
}

function giveUp(progress: Progress, reason: GiveUpReason): void {
  progress.phase = 'giving_up';
  // The customer deleted the endpoint: nothing failed. So the outcome is `canceled`, although a dead letter is published.
  progress.end = reason === 'endpoint_deleted' ? { outcome: 'canceled', reason } : { outcome: 'dead_lettered', reason };
}

function storeLastAnswer(progress: Progress, { code, status }: { code?: AttemptErrorCode; status?: number }): void {
  delete progress.lastErrorCode;
  delete progress.lastResponseStatus;
  if (code !== undefined) progress.lastErrorCode = code;
  if (status !== undefined) progress.lastResponseStatus = status;
}
