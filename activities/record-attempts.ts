import type { UnrecordedAttempts } from '../contracts/workflows/deliver-webhook.js';
import type { SettledRow } from '../db/delivery-path/persist-attempts.js';
import type { AttemptDeps } from './attempt-delivery.js';
import { settledRow } from './build-attempt-row.js';

export interface RecordDeps {
  load: AttemptDeps['load'];
  persist: (rows: readonly SettledRow[]) => Promise<void>;
}

/**
 * Writes the rows of attempts that were made while PostgreSQL was away, from what the workflow remembers of them. Only
 * the answer's preview is lost. Nothing is ever posted again to repair a row.
 * @throws DatabaseError
 */
export async function recordAttempts({ load, persist }: RecordDeps, unrecorded: UnrecordedAttempts): Promise<void> {
  const { attempts, ...batch } = unrecorded;
  const materials = await load(
    batch.accountId,
    attempts.map(({ request }) => request),
  );
  const byId = new Map(materials.map((material) => [material.deliveryId, material]));
  const rows = attempts.flatMap(({ request, outcome, facts }) => {
    const material = byId.get(request.deliveryId);
    if (material === undefined) return [];
    const gone = outcome.kind === 'giveUp' && outcome.reason === 'endpoint_gone';
    const note = { revision: facts.revision ?? null, gone, slow: null, succeeded: null };
    return [settledRow({ batch, request, material, outcome, facts, preview: null, endpoint: gone ? note : null })];
  });
  if (rows.length > 0) await persist(rows);
}
