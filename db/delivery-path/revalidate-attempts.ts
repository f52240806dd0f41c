import type { AttemptRequest } from '../../contracts/workflows/deliver-webhook.js';
import { type Database, runPreparedInAccount } from '../client.js';
import {
  ENDPOINT_COLUMNS,
  type EndpointColumns,
  type EndpointContext,
  toEndpointContext,
  FINISHED_ATTEMPT_COLUMNS,
  type FinishedAttempt,
  type FinishedAttemptColumns,
  toFinishedAttempt,
} from './load-attempts.js';

export type PendingAttempt = Pick<AttemptRequest, 'deliveryId' | 'attempt'>;

/** What may have changed since attempts of one endpoint were loaded. */
export interface RevalidationResult {
  /** Undefined when it was deleted. */
  readonly endpoint: EndpointContext | undefined;
  /** Attempts that somebody else has settled by now, or whose delivery was removed. Mostly none. */
  readonly noLongerPending: (PendingAttempt & { settled: FinishedAttempt | 'gone' })[];
}

interface RevalidationRow extends EndpointColumns, FinishedAttemptColumns {
  readonly ended_id: string | null;
  readonly ended_attempt: number | null;
}

/** One row, or as many as have ended. A first attempt has a row before it is made, a later one not. */
const RECHECK = {
  name: 'recheck_attempts',
  text: `
    SELECT ${ENDPOINT_COLUMNS}, ended.*
    FROM (VALUES (1)) AS always
    LEFT JOIN hook.webhook_configs w ON w.id = $2 AND w.account_id = $1 AND w.deleted_at IS NULL
    LEFT JOIN (
      SELECT q.delivery_id AS ended_id, q.attempt AS ended_attempt, ${FINISHED_ATTEMPT_COLUMNS}
      FROM unnest($3::uuid[], $4::int[]) AS q (delivery_id, attempt)
      LEFT JOIN hook.delivery_attempts a ON a.delivery_id = q.delivery_id AND a.attempt_number = q.attempt AND a.account_id = $1
      WHERE a.status <> 'pending' OR (a.status IS NULL AND q.attempt = 1)
    ) AS ended ON true`,
};

/** Reads what may have changed since the attempts were loaded, without their payloads. @throws DatabaseError */
export async function revalidateAttempts(
  db: Database,
  { accountId, webhookId, attempts }: { accountId: string; webhookId: string; attempts: readonly PendingAttempt[] },
): Promise<RevalidationResult> {
  const values = [accountId, webhookId, attempts.map((a) => a.deliveryId), attempts.map((a) => a.attempt)];
  const { rows } = await runPreparedInAccount<RevalidationRow>(db, accountId, { ...RECHECK, values });
  return { endpoint: rows[0] && toEndpointContext(rows[0]), noLongerPending: rows.flatMap(endedOf) };
}

function endedOf(row: RevalidationRow): RevalidationResult['noLongerPending'] {
  if (row.ended_id === null || row.ended_attempt === null) return [];
  return [{ deliveryId: row.ended_id, attempt: row.ended_attempt, settled: toFinishedAttempt(row) ?? 'gone' }];
}
