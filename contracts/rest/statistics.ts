import { DELIVERY_STATUSES, mapToRecord } from '../../domain/delivery/statuses.js';
import { z } from 'zod';
import { DAY_MS, HOUR_MS } from '../../domain/delivery/durations.js';
import { instantMsSchema } from './instant.js';

/** Lengths in milliseconds: of a bucket, of the longest range, and of the range where none is given. */
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
      'A range of the time when events arrived, extended to whole buckets in UTC: by the hour at most 7 days (24 h by default), by the day at most 31 days (7 days by default).',
  });

const count = z.int().nonnegative();

export const statisticsBucketSchema = z
  .strictObject({
    from: z.iso.datetime(),
    deliveries: z.strictObject(mapToRecord(DELIVERY_STATUSES, () => count)),
    /** Requests made for these deliveries, at any time. */
    attempts: count,
    failedAttempts: count,
    /** Durations of these requests in milliseconds; null without requests. */
    durationMs: z.strictObject({ p50: count, p95: count, p99: count }).nullable(),
  })
  .meta({ id: 'StatisticsBucket' });

export const statisticsSchema = z
  .strictObject({
    bucket,
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    /** At most the newest 10,000 deliveries are counted. Earlier ones of the range are not; equals `from` if all are counted. */
    coveredFrom: z.iso.datetime(),
    data: z.array(statisticsBucketSchema),
  })
  .meta({ id: 'Statistics' });

/** The types among the account's newest 5,000 deliveries. An event without a matching webhook has no delivery. */
export const eventTypesSchema = z
  .strictObject({
    data: z.array(z.strictObject({ eventType: z.string(), deliveries: count, lastSeenAt: z.iso.datetime() })),
    /** Arrival of the oldest examined delivery; null if there is none. */
    coveredFrom: z.iso.datetime().nullable(),
  })
  .meta({ id: 'EventTypes' });

export type StatisticsQuery = z.infer<typeof statisticsQuerySchema>;
export type StatisticsBucket = z.infer<typeof statisticsBucketSchema>;
export type Statistics = z.infer<typeof statisticsSchema>;
export type EventTypes = z.infer<typeof eventTypesSchema>;
