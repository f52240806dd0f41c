import { Router } from 'express';
import {
  BUCKETS,
  statisticsQuerySchema,
  type EventTypes,
  type Statistics,
  type StatisticsQuery,
} from '../contracts/rest/statistics.js';
import type { Database } from '../db/client.js';
import { readDeliveryStatistics } from '../db/queries/delivery-statistics.js';
import { listEventTypes } from '../db/queries/event-types.js';
import { findWebhook } from '../db/webhooks/webhooks.js';
import { getAccountId, parsePathId } from './identity.js';
import { presentEventTypes, presentStatistics } from './present-statistics.js';
import { ProblemError } from './problem-error.js';
import { parseQuery } from './validate.js';

export interface StatisticsDeps {
  readonly db: Database;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Routes that count an account's deliveries and list its event types. */
export function createStatisticsRouter({ db, now }: StatisticsDeps): Router {
  const router = Router();

  router.get('/v1/webhooks/:id/stats', async (request, response) => {
    const accountId = getAccountId(response);
    const webhookId = parsePathId(request);
    const range = computeBucketRange(parseQuery(request, statisticsQuerySchema), now());
    if ((await findWebhook(db, accountId, webhookId)) === undefined) throw new ProblemError('not_found');
    const counts = await readDeliveryStatistics(db, accountId, { webhookId, ...range });
    response.json(presentStatistics(range, counts) satisfies Statistics);
  });

  router.get('/v1/event-types', async (_request, response) => {
    const types = await listEventTypes(db, getAccountId(response));
    response.json(presentEventTypes(types) satisfies EventTypes);
  });

  return router;
}

/** The whole buckets that cover the range. @throws ProblemError `invalid_request` when it is empty or too long. */
function computeBucketRange({ bucket, from, to }: StatisticsQuery, nowMs: number) {
  const { lengthMs, maxMs, defaultMs } = BUCKETS[bucket];
  const endMs = Math.ceil((to ?? nowMs) / lengthMs) * lengthMs;
  const startMs = Math.floor((from ?? Math.max(0, endMs - defaultMs)) / lengthMs) * lengthMs;
  if (startMs >= endMs || endMs - startMs > maxMs)
    throw new ProblemError('invalid_request', [{ pointer: '/from', code: 'range' }]);
  const bucketStartsMs = Array.from({ length: (endMs - startMs) / lengthMs }, (_, index) => startMs + index * lengthMs);
  return { bucket, bucketStartsMs, endMs };
}
