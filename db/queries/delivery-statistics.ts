import { DELIVERY_STATUSES, type DeliveryStatus } from '../../domain/delivery/statuses.js';
import { countByStatus } from './count-by-status.js';
import { firstDeliveryIdAt } from '../../domain/delivery/delivery-id.js';
import { type Database, withAccounts } from '../client.js';
import { readInIndexOrder } from './read-in-index-order.js';

/** Newest deliveries of a webhook that are examined, with all of their attempts. */
export const MAX_STATISTICS_DELIVERIES = 10_000;

export interface DeliveryStatisticsQuery {
  readonly webhookId: string;
  /** The start of each bucket, in milliseconds since 1970, ascending; not empty. */
  readonly bucketStartsMs: number[];
  /** The end of the last bucket, in milliseconds since 1970. */
  readonly endMs: number;
}

/** The counts of a bucket that has deliveries. Durations are of attempts that were made, in milliseconds. */
export interface BucketCounts extends Record<DeliveryStatus, number> {
  /** From 1, in the order of `bucketStartsMs`. */
  readonly bucket: number;
  readonly attempts: number;
  readonly failedAttempts: number;
  /** p50, p95 and p99; null when no attempt was made. */
  readonly percentiles: [number, number, number] | null;
  /** Number of examined deliveries in all buckets, and the oldest of them. */
  readonly examined: number;
  readonly oldestId: string;
}

/** The second scan is lateral on purpose: one index lookup a delivery, so that the cost does not grow with the table. */
const STATISTICS = {
  name: 'delivery_statistics',
  text: `
    WITH examined AS MATERIALIZED (
      SELECT delivery_id, outcome, width_bucket(delivery_id, $4::uuid[]) AS bucket FROM hook.delivery_attempts
      WHERE account_id = $1 AND webhook_id = $2 AND is_latest AND delivery_id >= ($4::uuid[])[1] AND delivery_id < $3
      ORDER BY delivery_id DESC LIMIT ${String(MAX_STATISTICS_DELIVERIES)}
    ), deliveries AS (
      SELECT bucket, ${countByStatus('outcome')}
      FROM examined GROUP BY bucket
    ), attempts AS (
      SELECT bucket, count(*)::int AS attempts, count(*) FILTER (WHERE a.status = 'failed')::int AS failed,
             percentile_disc(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY a.duration_ms) AS percentiles
      FROM examined e CROSS JOIN LATERAL (
        SELECT status, duration_ms FROM hook.delivery_attempts
        WHERE delivery_id = e.delivery_id AND account_id = $1 AND duration_ms IS NOT NULL OFFSET 0) AS a
      GROUP BY bucket
    )
    SELECT bucket, ${DELIVERY_STATUSES.join(', ')},
           coalesce(attempts, 0) AS attempts, coalesce(failed, 0) AS "failedAttempts", percentiles,
           (SELECT count(*)::int FROM examined) AS examined, (SELECT min(delivery_id::text) FROM examined) AS "oldestId"
    FROM deliveries LEFT JOIN attempts USING (bucket) ORDER BY bucket`,
};

/** Counts a webhook's deliveries and the durations of their attempts, by the time at which the events arrived. @throws DatabaseError */
export async function readDeliveryStatistics(
  db: Database,
  accountId: string,
  { webhookId, bucketStartsMs, endMs }: DeliveryStatisticsQuery,
): Promise<BucketCounts[]> {
  const values = [accountId, webhookId, firstDeliveryIdAt(endMs), bucketStartsMs.map(firstDeliveryIdAt)];
  return await withAccounts(db, [accountId], async (client) => {
    await readInIndexOrder(client);
    const { rows } = await client.query<BucketCounts>({ ...STATISTICS, values });
    return rows;
  });
}
