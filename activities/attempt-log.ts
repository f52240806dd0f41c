import type { AttemptBatch, AttemptFacts } from '../contracts/workflows/deliver-webhook.js';
import type { AttemptContext } from '../db/delivery-path/load-attempts.js';
import type { AttemptOutcome } from '../domain/delivery/outcome.js';
import type { PostResult, RequestConnection } from '../outbound/post.js';

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
  /** How the request reached the receiver; null where there was no connection. */
  readonly connection: RequestConnection | null;
  readonly recorded: boolean;
}

interface AttemptLogInput {
  readonly batch: AttemptBatch;
  readonly context: AttemptContext;
  readonly outcome: AttemptOutcome;
  readonly facts: AttemptFacts;
  readonly posted: PostResult | 'undecryptable';
  readonly recorded: boolean;
}

export function buildAttemptLogLine({
  batch,
  context,
  outcome,
  facts,
  posted,
  recorded,
}: AttemptLogInput): AttemptLogLine {
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
    connection: posted === 'undecryptable' ? null : (posted.connection ?? null),
    recorded,
  };
}
