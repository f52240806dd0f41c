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

/** Changes since attempts of one endpoint were loaded. */
export interface RevalidationResult {
  /** The endpoint as it is now; undefined when it was deleted. */
  readonly endpoint: EndpointContext | undefined;
  /** Attempts that have finished meanwhile, or whose delivery was discarded (`gone`). Usually none. */
  readonly noLongerPending: (PendingAttempt & { settled: FinishedAttempt | 'gone' })[];
}

interface RevalidationRow extends EndpointColumns, FinishedAttemptColumns {
  readonly gone_id: string | null;
  readonly gone_attempt: number | null;
}

/**
 * One row with the endpoint, repeated for each attempt that is no longer pending. A first attempt has a row before it is made;
 * a later attempt has none, so its missing row does not mean that the delivery is gone.
 */
const REVALIDATE = {
  name: 'revalidate_attempts',
  text: `
    SELECT ${ENDPOINT_COLUMNS}, gone.*
    FROM (VALUES (1)) AS always
    LEFT JOIN hook.webhook_configs w ON w.id = $2 AND w.account_id = $1 AND w.deleted_at IS NULL
    LEFT JOIN (
      SELECT q.delivery_id AS gone_id, q.attempt AS gone_attempt, ${FINISHED_ATTEMPT_COLUMNS}
      FROM unnest($3::uuid[], $4::int[]) AS q (delivery_id, attempt)
      LEFT JOIN hook.delivery_attempts a ON a.delivery_id = q.delivery_id AND a.attempt_number = q.attempt AND a.account_id = $1
      WHERE a.status <> 'pending' OR (a.status IS NULL AND q.attempt = 1)
    ) AS gone ON true`,
};

/** Reads the changes since the attempts were loaded, without their payloads. @throws DatabaseError */
export async function revalidateAttempts(
  db: Database,
  { accountId, webhookId, attempts }: { accountId: string; webhookId: string; attempts: readonly PendingAttempt[] },
): Promise<RevalidationResult> {
  const values = [accountId, webhookId, attempts.map((a) => a.deliveryId), attempts.map((a) => a.attempt)];
  const { rows } = await runPreparedInAccount<RevalidationRow>(db, accountId, { ...REVALIDATE, values });
  return { endpoint: rows[0] && toEndpointContext(rows[0]), noLongerPending: rows.flatMap(toNoLongerPending) };
}

function toNoLongerPending(row: RevalidationRow): RevalidationResult['noLongerPending'] {
  if (row.gone_id === null || row.gone_attempt === null) return [];
  return [{ deliveryId: row.gone_id, attempt: row.gone_attempt, settled: toFinishedAttempt(row) ?? 'gone' }];
}
