import { type Database, runPreparedInAccount } from '../client.js';

export interface Reservation {
  /** Milliseconds from now until the first of the reserved requests may be made. */
  readonly waitMs: number;
  /** Requests a second: the others follow at this rate. */
  readonly rateLimit: number;
}

/**
 * The generic cell rate algorithm (ITU-T I.371) without a burst. Its state is in the endpoint's row, so that all processes
 * share it. A reservation that is not used is lost.
 */
const RESERVE = {
  name: 'reserve_requests',
  text: `
    UPDATE hook.webhook_configs SET rate_next_at = greatest(rate_next_at, now()) + $3 * interval '1 second' / rate_limit
    WHERE id = $2 AND account_id = $1 AND deleted_at IS NULL AND rate_limit IS NOT NULL
    RETURNING rate_limit, extract(epoch FROM rate_next_at - $3 * interval '1 second' / rate_limit - now())::float8 * 1000 AS wait_ms`,
};

/** Reserves the next `count` requests of an endpoint; undefined when it has no rate limit (any more). @throws DatabaseError */
export async function reserveRequests(
  db: Database,
  { accountId, webhookId, count }: { accountId: string; webhookId: string; count: number },
): Promise<Reservation | undefined> {
  const query = { ...RESERVE, values: [accountId, webhookId, count] };
  const { rows } = await runPreparedInAccount<{ rate_limit: number; wait_ms: number }>(db, accountId, query);
  const [row] = rows;
  return row === undefined ? undefined : { waitMs: Math.max(0, row.wait_ms), rateLimit: row.rate_limit };
}
