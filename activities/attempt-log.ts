import type { AttemptBatch, AttemptFacts } from '../contracts/workflows/deliver-webhook.js';
import type { AttemptContext } from '../db/delivery-path/load-attempts.js';
import type { AttemptOutcome } from '../domain/delivery/outcome.js';

/** One wide log line for each attempt: ids, codes and times; never a URL, a payload or the receiver's answer. */
export interface AttemptLogLine {
  readonly deliveryId: string;
  readonly webhookId: string;
  readonly accountId: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly attempt: number;
  readonly cycle: number;
  readonly trigger: string;
  readonly outcome: string;
  readonly code: string | null;
  readonly status: number | null;
  readonly durationMs: number;
  readonly recorded: boolean;
}

interface AttemptLogInput {
  readonly batch: AttemptBatch;
  readonly context: AttemptContext;
  readonly outcome: AttemptOutcome;
  readonly facts: AttemptFacts;
  readonly recorded: boolean;
}

export function buildAttemptLogLine({ batch, context, outcome, facts, recorded }: AttemptLogInput): AttemptLogLine {
  const { deliveryId, webhookId, accountId, eventId, eventType } = context;
  return {
    deliveryId,
    webhookId,
    accountId,
    eventId,
    eventType,
    attempt: facts.attempt,
    cycle: batch.cycle,
    trigger: batch.trigger,
    outcome: outcome.kind,
    code: 'code' in outcome ? (outcome.code ?? null) : null,
    status: 'status' in outcome ? (outcome.status ?? null) : null,
    durationMs: facts.durationMs,
    recorded,
  };
}
