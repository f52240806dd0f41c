import type {
  AttemptResult,
  DeliverWebhookInput,
  DeliveryState,
  DeliverySummary,
} from '../contracts/workflows/deliver-webhook.js';
import { applyOutcome, createAllProgress, type Progress } from '../domain/delivery/progress.js';

/** The state of one run of `deliverWebhook`. Every endpoint's loop reads and changes it; nothing else is shared. */
export interface DeliveryRun {
  readonly input: DeliverWebhookInput;
  /** In the order of the input. */
  readonly deliveries: readonly Progress[];
  /** Delivery ids of received `cancel` signals. */
  readonly cancelRequested: Set<string>;
  /** Webhook ids of received `retryNow` signals. */
  readonly retryNowRequested: Set<string>;
  /** Ids of the deliveries with an attempt under way. */
  readonly attempting: Set<string>;
}

export const createRun = (input: DeliverWebhookInput): DeliveryRun => ({
  input,
  deliveries: createAllProgress(input.endpoints, input.attemptsBefore + 1),
  cancelRequested: new Set(),
  retryNowRequested: new Set(),
  attempting: new Set(),
});

export const listUnfinished = ({ deliveries }: DeliveryRun): Progress[] =>
  deliveries.filter(({ phase }) => phase !== 'ended');

/** Webhook ids with at least one unfinished delivery, in the order of the input. */
export function listUnfinishedEndpoints(run: DeliveryRun): string[] {
  const unfinished = new Set(listUnfinished(run).map(({ webhookId }) => webhookId));
  return run.input.endpoints.map(({ webhookId }) => webhookId).filter((webhookId) => unfinished.has(webhookId));
}

export const listDeliveriesTo = ({ deliveries }: DeliveryRun, webhookId: string): Progress[] =>
  deliveries.filter((progress) => progress.webhookId === webhookId);

export const isWaiting = ({ phase }: Progress): boolean => phase === 'waiting';

export const isCancelRequested = ({ cancelRequested }: DeliveryRun, { deliveryId }: Progress): boolean =>
  cancelRequested.has(deliveryId);

/** True once for each `retryNow` signal (several signals before the call count as one). */
export const takeRetryNowRequest = ({ retryNowRequested }: DeliveryRun, webhookId: string): boolean =>
  retryNowRequested.delete(webhookId);

export const isFirstOfCycle = ({ input }: DeliveryRun, { attempt }: Progress): boolean =>
  attempt === input.attemptsBefore + 1;

/** Applies each result to its delivery. A delivery without a result stays due. */
export function applyResults(
  { input }: DeliveryRun,
  attempted: readonly Progress[],
  results: readonly AttemptResult[],
): void {
  const outcomes = new Map(results.map(({ deliveryId, outcome }) => [deliveryId, outcome]));
  const { schedule, attemptsBefore } = input;
  const nowMs = Date.now();
  for (const progress of attempted) {
    const outcome = outcomes.get(progress.deliveryId);
    if (outcome !== undefined) applyOutcome(progress, outcome, { schedule, attemptsBefore, nowMs });
  }
}

export function countOutcomes({ deliveries }: DeliveryRun): DeliverySummary {
  const summary: DeliverySummary = { delivered: 0, dead_lettered: 0, canceled: 0, skipped_disabled: 0 };
  for (const { end } of deliveries) if (end !== undefined) summary[end.outcome] += 1;
  return summary;
}

/** Answer of the `state` query. */
export const listDeliveryStates = ({ deliveries, attempting }: DeliveryRun): DeliveryState[] =>
  deliveries.map((progress) => toDeliveryState(progress, attempting.has(progress.deliveryId)));

/** A delivery whose dead letter is being published has no outcome yet: it shows as `attempting`. */
function toDeliveryState(progress: Progress, isAttempting: boolean): DeliveryState {
  const { deliveryId, webhookId, attempt, phase, end, lastErrorCode, lastResponseStatus, dueAtMs } = progress;
  const waits = phase === 'waiting' && !isAttempting;
  return {
    deliveryId,
    webhookId,
    attempt,
    status: phase === 'ended' && end !== undefined ? end.outcome : waits ? 'waiting' : 'attempting',
    ...(lastErrorCode === undefined ? {} : { lastErrorCode }),
    ...(lastResponseStatus === undefined ? {} : { lastResponseStatus }),
    ...(waits ? { nextAttemptAt: new Date(dueAtMs).toISOString() } : {}),
  };
}
