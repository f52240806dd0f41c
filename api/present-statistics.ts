import { DELIVERY_STATUSES, mapToRecord } from '../domain/delivery/statuses.js';
import type { EventTypes, Statistics, StatisticsBucket } from '../contracts/rest/statistics.js';
import { type BucketCounts, MAX_STATISTICS_DELIVERIES } from '../db/queries/delivery-statistics.js';
import type { SeenEventType } from '../db/queries/event-types.js';
import { deliveryTimeMs } from '../domain/delivery/delivery-id.js';

interface Range {
  readonly bucket: Statistics['bucket'];
  readonly bucketStartsMs: readonly number[];
  readonly endMs: number;
}

const toIsoTime = (ms: number): string => new Date(ms).toISOString();

/** Every bucket of the range. A bucket without deliveries has zeros. */
export function presentStatistics(
  { bucket, bucketStartsMs, endMs }: Range,
  counts: readonly BucketCounts[],
): Statistics {
  const byBucket = new Map(counts.map((row) => [row.bucket, row]));
  const from = toIsoTime(bucketStartsMs[0] ?? endMs);
  const [first] = counts;
  const complete = first === undefined || first.examined < MAX_STATISTICS_DELIVERIES;
  return {
    bucket,
    from,
    to: toIsoTime(endMs),
    coveredFrom: complete ? from : toIsoTime(deliveryTimeMs(first.oldestId)),
    data: bucketStartsMs.map((ms, index) => ({ from: toIsoTime(ms), ...presentBucket(byBucket.get(index + 1)) })),
  };
}

const NO_DELIVERIES = mapToRecord(DELIVERY_STATUSES, () => 0);

function presentBucket(counts: BucketCounts | undefined): Omit<StatisticsBucket, 'from'> {
  if (counts === undefined) return { deliveries: NO_DELIVERIES, attempts: 0, failedAttempts: 0, durationMs: null };
  const { attempts, failedAttempts } = counts;
  const [p50 = 0, p95 = 0, p99 = 0] = counts.percentiles ?? [];
  return {
    deliveries: mapToRecord(DELIVERY_STATUSES, (status) => counts[status]),
    attempts,
    failedAttempts,
    durationMs: counts.percentiles === null ? null : { p50, p95, p99 },
  };
}

export function presentEventTypes(types: readonly SeenEventType[]): EventTypes {
  const oldest = types.map(({ firstId }) => firstId).sort()[0];
  return {
    data: types.map(({ eventType, deliveries, lastId }) => {
      return { eventType, deliveries, lastSeenAt: toIsoTime(deliveryTimeMs(lastId)) };
    }),
    coveredFrom: oldest === undefined ? null : toIsoTime(deliveryTimeMs(oldest)),
  };
}
