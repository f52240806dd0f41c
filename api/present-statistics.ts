import type { EventTypes, Statistics, StatisticsBucket } from '../contracts/rest/statistics.js';
import { type BucketCounts, MAX_COUNTED } from '../db/queries/delivery-statistics.js';
import type { SeenEventType } from '../db/queries/event-types.js';
import { deliveryTimeMs } from '../domain/delivery/delivery-id.js';

interface Range {
  readonly bucket: Statistics['bucket'];
  readonly beginsMs: readonly number[];
  readonly endMs: number;
}

const timeOf = (ms: number): string => new Date(ms).toISOString();

/** Every bucket of the range, also those in which nothing came in. */
export function presentStatistics({ bucket, beginsMs, endMs }: Range, counts: readonly BucketCounts[]): Statistics {
  const byBucket = new Map(counts.map((row) => [row.bucket, row]));
  const from = timeOf(beginsMs[0] ?? endMs);
  const [first] = counts;
  const complete = first === undefined || first.examined < MAX_COUNTED;
  return {
    ...{ bucket, from, to: timeOf(endMs), coveredFrom: complete ? from : timeOf(deliveryTimeMs(first.oldestId)) },
    data: beginsMs.map((ms, index) => ({ from: timeOf(ms), ...presentBucket(byBucket.get(index + 1)) })),
  };
}

const NONE = { pending: 0, delivered: 0, dead_lettered: 0, canceled: 0, skipped_disabled: 0 };

function presentBucket(counts: BucketCounts | undefined): Omit<StatisticsBucket, 'from'> {
  if (counts === undefined) return { deliveries: NONE, attempts: 0, failedAttempts: 0, durationMs: null };
  const { pending, delivered, dead_lettered, canceled, skipped_disabled, attempts, failedAttempts } = counts;
  const [p50 = 0, p95 = 0, p99 = 0] = counts.percentiles ?? [];
  return {
    deliveries: { pending, delivered, dead_lettered, canceled, skipped_disabled },
    ...{ attempts, failedAttempts, durationMs: counts.percentiles === null ? null : { p50, p95, p99 } },
  };
}

export function presentEventTypes(types: readonly SeenEventType[]): EventTypes {
  const oldest = types.map(({ firstId }) => firstId).sort()[0];
  return {
    data: types.map(({ eventType, deliveries, lastId }) => {
      return { eventType, deliveries, lastSeenAt: timeOf(deliveryTimeMs(lastId)) };
    }),
    coveredFrom: oldest === undefined ? null : timeOf(deliveryTimeMs(oldest)),
  };
}
