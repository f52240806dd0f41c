import type { UnrecordedAttempts } from '../contracts/workflows/deliver-webhook.js';
import type { FinishedAttemptRow } from '../db/delivery-path/persist-attempts.js';
import type { AttemptDeps } from './attempt-deliveries.js';
import { buildFinishedAttemptRow } from './build-finished-attempt-row.js';

export interface RecordAttemptsDeps {
  readonly loadAttempts: AttemptDeps['loadAttempts'];
  readonly persistAttempts: (rows: readonly FinishedAttemptRow[]) => Promise<void>;
}

/**
 * Writes the rows of attempts that were made while PostgreSQL was unavailable, from the facts in the workflow's history. Only
 * the answer's preview is lost. No request is repeated to repair a row.
 * @throws DatabaseError
 */
export async function recordAttempts(
  { loadAttempts, persistAttempts }: RecordAttemptsDeps,
  unrecorded: UnrecordedAttempts,
): Promise<void> {
  const { attempts, ...batch } = unrecorded;
  const contexts = await loadAttempts(
    batch.accountId,
    attempts.map(({ request }) => request),
  );
  const byId = new Map(contexts.map((context) => [context.deliveryId, context]));
  const rows = attempts.flatMap(({ request, outcome, facts }) => {
    const context = byId.get(request.deliveryId);
    if (context === undefined) return [];
    const gone = outcome.kind === 'giveUp' && outcome.reason === 'endpoint_gone';
    const note = { revision: facts.revision ?? null, gone, slow: null, succeeded: null };
    return [
      buildFinishedAttemptRow({ batch, request, context, outcome, facts, preview: null, endpoint: gone ? note : null }),
    ];
  });
  if (rows.length > 0) await persistAttempts(rows);
}
