import { setTimeout as sleep } from 'node:timers/promises';
import type { AttemptBatch, AttemptRequest, AttemptResult } from '../contracts/workflows/deliver-webhook.js';
import type { AttemptContext } from '../db/delivery-path/load-attempts.js';
import type { AttemptOutcome } from '../domain/delivery/outcome.js';
import { acquirePermit } from './acquire-permit.js';
import { attemptAndRecord, type AttemptAndRecordDeps } from './attempt-and-record.js';
import type { AttemptSettings } from './attempt-settings.js';
import type { TrackedAttempt, TrackPendingAttempt } from './create-revalidator.js';
import { ENDPOINT_DELETED, endWithoutRequest, type EndWithoutRequestDeps } from './decide-without-request.js';
import { SLOW_ANSWER_MS } from './endpoint-note.js';

export interface AttemptDeliveryDeps extends AttemptAndRecordDeps, EndWithoutRequestDeps {
  readonly trackPendingAttempt: TrackPendingAttempt;
}

export interface AttemptTask {
  readonly settings: Omit<AttemptSettings, 'prefetchCache'>;
  readonly batch: AttemptBatch;
  readonly request: AttemptRequest;
  /** Undefined if the delivery was removed. */
  readonly context: AttemptContext | undefined;
  /** When `context` was read, in milliseconds since 1970. */
  readonly readAtMs: number;
  /** Last time at which the attempt may get its permit, in milliseconds since 1970. */
  readonly deadlineMs: number;
  /** Send time under the endpoint's rate limit, in milliseconds since 1970; 0 without a rate limit. */
  readonly sendAtMs: number;
}

/**
 * Makes one attempt of one delivery, from its loaded context to its committed row.
 * @throws KmsUnavailable, DatabaseError: infrastructure is unavailable, no POST was made and no attempt is consumed.
 */
export async function attemptDelivery(deps: AttemptDeliveryDeps, task: AttemptTask): Promise<AttemptResult> {
  const { request, context, readAtMs } = task;
  const { deliveryId } = request;
  const outcome = await endWithoutRequest(deps, task, context);
  if (outcome !== undefined || context === undefined) return { deliveryId, outcome: outcome ?? ENDPOINT_DELETED };

  const tracked = deps.trackPendingAttempt(context, request.attempt, readAtMs);
  try {
    const deferral = await waitForSendTime(deps, task);
    return deferral === undefined ? await attemptWithPermit(deps, task, tracked) : { deliveryId, outcome: deferral };
  } finally {
    tracked.untrack();
  }
}

/** Waits until the endpoint's rate limit allows the request. Defers an attempt whose wait is long; it keeps its send time. */
async function waitForSendTime(
  { now }: AttemptDeliveryDeps,
  { settings, sendAtMs }: AttemptTask,
): Promise<AttemptOutcome | undefined> {
  const waitMs = sendAtMs - now();
  if (waitMs <= 0) return undefined;
  if (waitMs > settings.maxSendWaitMs)
    return { kind: 'deferred', reason: 'rate', retryAfterMs: roundDownToSecond(waitMs), sendAtMs };
  await sleep(waitMs, undefined, { signal: settings.stopping }).catch(() => undefined);
  return undefined;
}

/** Attempts that are due within the same second become due together, so one activity makes them all. */
const roundDownToSecond = (waitMs: number): number => Math.max(1_000, Math.floor(waitMs / 1_000) * 1_000);

async function attemptWithPermit(
  deps: AttemptDeliveryDeps,
  task: AttemptTask,
  tracked: TrackedAttempt,
): Promise<AttemptResult> {
  const { settings, batch, request, deadlineMs } = task;
  const { deliveryId, webhookId } = request;
  const laneRequest = { key: webhookId, group: batch.workflowId, deadlineMs, signal: settings.stopping };
  const permit = await acquirePermit(settings.lanes, laneRequest, SLOW_ANSWER_MS);
  if (permit === 'refused') return { deliveryId, outcome: deferForCapacity(settings) };
  try {
    // The attempt may have waited long: the endpoint or the delivery may have changed since.
    const context = await tracked.revalidate();
    const outcome = await endWithoutRequest(deps, task, context);
    if (outcome !== undefined || context?.endpoint === undefined)
      return { deliveryId, outcome: outcome ?? ENDPOINT_DELETED };
    const { endpoint } = context;
    return await attemptAndRecord(deps, { batch, request, context, endpoint, releasePermit: permit });
  } finally {
    permit();
  }
}

function deferForCapacity({ stopping, capacityRetryMs }: AttemptTask['settings']): AttemptOutcome {
  const deferred = { kind: 'deferred', reason: 'capacity' } as const;
  return stopping.aborted || capacityRetryMs === undefined ? deferred : { ...deferred, retryAfterMs: capacityRetryMs };
}
