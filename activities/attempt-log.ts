import type { AttemptBatch, AttemptFacts } from '../contracts/workflows/deliver-webhook.js';
import type { AttemptContext } from '../db/delivery-path/load-attempts.js';
import type { AttemptOutcome } from '../domain/delivery/outcome.js';

/** One wide line an attempt: ids, codes and times, never a URL, a payload or what the receiver said. */
export interface AttemptLogLine {
  deliveryId: string;
  webhookId: string;
  accountId: string;
  eventId: string;
  eventType: string;
  attempt: number;
  cycle: number;
  trigger: string;
  outcome: string;
  code: string | null;
  status: number | null;
  durationMs: number;
  recorded: boolean;
}

interface AttemptLogInput {
  batch: AttemptBatch;
  context: AttemptContext;
  outcome: AttemptOutcome;
  facts: AttemptFacts;
  recorded: boolean;
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
