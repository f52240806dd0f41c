import type { AttemptStatus, AttemptTrigger, DeliveryOutcome } from '../domain/delivery/statuses.js';
import type { AttemptBatch, AttemptFacts, AttemptRequest } from '../contracts/workflows/deliver-webhook.js';
import type { AttemptContext, FinishedAttempt } from '../db/delivery-path/load-attempts.js';
import type { FinishedAttemptRow } from '../db/delivery-path/persist-attempts.js';
import type { AttemptOutcome } from '../domain/delivery/outcome.js';
import { computeRetryDelayMs } from '../domain/delivery/progress.js';

export interface FinishedAttemptInput {
  readonly batch: Omit<AttemptBatch, 'deliveries'>;
  readonly request: AttemptRequest;
  readonly context: AttemptContext;
  readonly outcome: AttemptOutcome;
  readonly facts: AttemptFacts;
  readonly preview: string | null;
  readonly endpoint: FinishedAttemptRow['endpoint'];
}

/** Builds the row of a finished attempt. `nextAttemptAt` comes from the rule that the workflow uses for its timer. */
export function buildFinishedAttemptRow(input: FinishedAttemptInput): FinishedAttemptRow {
  const { batch, request, context, outcome, facts } = input;
  const finishedAtMs = facts.startedAtMs + facts.durationMs;
  const delayMs =
    outcome.kind === 'retry'
      ? computeRetryDelayMs(request, { ...batch, retryAfterMs: outcome.retryAfterMs })
      : undefined;
  return {
    deliveryId: request.deliveryId,
    attempt: request.attempt,
    accountId: context.accountId,
    webhookId: context.webhookId,
    eventId: context.eventId,
    eventType: context.eventType,
    workflowId: batch.workflowId,
    cycle: batch.cycle,
    trigger: batch.trigger,
    ...deriveStatus(outcome, batch.trigger),
    responseStatus: 'status' in outcome ? (outcome.status ?? null) : null,
    errorCode: 'code' in outcome ? (outcome.code ?? null) : null,
    preview: input.preview,
    durationMs: facts.durationMs,
    startedAt: new Date(facts.startedAtMs),
    finishedAt: new Date(finishedAtMs),
    nextAttemptAt: delayMs === undefined ? null : new Date(finishedAtMs + delayMs),
    secretVersion: facts.secretVersion,
    requestedBy: batch.replay?.requestedBy ?? null,
    requestReason: batch.replay?.reason ?? null,
    endpoint: input.endpoint,
  };
}

function deriveStatus(
  { kind }: AttemptOutcome,
  trigger: AttemptTrigger,
): Pick<FinishedAttemptRow, 'status' | 'outcome' | 'outcomeReason'> {
  const delivered: { status: AttemptStatus; outcome: DeliveryOutcome } = { status: 'succeeded', outcome: 'delivered' };
  // A test has no second attempt.
  if (kind !== 'delivered' && trigger === 'test')
    return { status: 'failed', outcome: 'canceled', outcomeReason: 'test_failed' };
  // A failed delivery gets its outcome after its dead letter is published, not before.
  return kind === 'delivered'
    ? { ...delivered, status: 'succeeded', outcomeReason: null }
    : { status: 'failed', outcome: null, outcomeReason: null };
}

/** The outcome that a finished row records. An activity that runs again after a crash returns it and does not post again. */
export function readRecordedOutcome(finished: FinishedAttempt): AttemptOutcome {
  const { status, responseStatus, errorCode, nextDelayMs } = finished;
  const answered = responseStatus === null ? {} : { status: responseStatus };
  if (status === 'succeeded') return { kind: 'delivered', status: responseStatus ?? 200 };
  if (status !== 'failed') return { kind: 'skipped', reason: 'endpoint_disabled' };
  if (errorCode === 'gone') return { kind: 'giveUp', reason: 'endpoint_gone', code: errorCode, ...answered };
  if (errorCode === 'secret_undecryptable') return { kind: 'giveUp', reason: 'secret_undecryptable', code: errorCode };
  // The planned delay is never shorter than the receiver's `Retry-After`. As a lower bound it gives the same delay again.
  const retryAfter = nextDelayMs === null ? {} : { retryAfterMs: nextDelayMs };
  return { kind: 'retry', code: errorCode ?? 'network', ...answered, ...retryAfter };
}
