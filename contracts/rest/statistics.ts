import { DELIVERY_STATUSES, mapToRecord } from '../../domain/delivery/statuses.js';
import { z } from 'zod';
import { instantMsSchema } from './instant.js';

/** Lengths in milliseconds: of a bucket, of the longest range, and of the range where none is given. */
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
export const BUCKETS = {
  hour: { lengthMs: HOUR_MS, maxMs: 7 * DAY_MS, defaultMs: DAY_MS },
  day: { lengthMs: DAY_MS, maxMs: 31 * DAY_MS, defaultMs: 7 * DAY_MS },
} as const;
const bucket = z.enum(Object.keys(BUCKETS) as (keyof typeof BUCKETS)[]);

export const statisticsQuerySchema = z
  .strictObject({
    bucket: bucket.default('hour'),
    from: instantMsSchema.optional(),
    to: instantMsSchema.optional(),
  })
  .meta({
    id: 'StatisticsQuery',
    description:
      'By the time at which the events came in, widened to whole buckets in UTC: at most 7 days by the hour (24 h where nothing is said) or 31 by the day (7).',
  });

const count = z.int().nonnegative();

export const statisticsBucketSchema = z
  .strictObject({
    from: z.iso.datetime(),
    deliveries: z.strictObject(mapToRecord(DELIVERY_STATUSES, () => count)),
    /** Requests that were made for these deliveries, whenever that was. */
    attempts: count,
    failedAttempts: count,
    /** Of these requests, in milliseconds; null where there were none. */
    durationMs: z.strictObject({ p50: count, p95: count, p99: count }).nullable(),
  })
  .meta({ id: 'StatisticsBucket' });

export const statisticsSchema = z
  .strictObject({
    bucket,
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    /** At most the newest 10,000 deliveries are counted; what came in before this is not. Equals `from` where all are. */
    coveredFrom: z.iso.datetime(),
    data: z.array(statisticsBucketSchema),
  })
  .meta({ id: 'Statistics' });

/** The types among the account's newest 5,000 deliveries, so of events that matched a webhook. */
export const eventTypesSchema = z
  .strictObject({
    data: z.array(z.strictObject({ eventType: z.string(), deliveries: count, lastSeenAt: z.iso.datetime() })),
    /** When the oldest delivery that was looked at came in; null when there is none. */
    coveredFrom: z.iso.datetime().nullable(),
  })
  .meta({ id: 'EventTypes' });

export type StatisticsQuery = z.infer<typeof statisticsQuerySchema>;
export type StatisticsBucket = z.infer<typeof statisticsBucketSchema>;
export type Statistics = z.infer<typeof statisticsSchema>;
export type EventTypes = z.infer<typeof eventTypesSchema>;
