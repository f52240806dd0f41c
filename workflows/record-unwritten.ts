import { CancellationScope } from '@temporalio/workflow';
import type { AttemptBatch, AttemptResult } from '../contracts/workflows/deliver-webhook.js';
import { recordingActivities } from './activity-proxies.js';

/**
 * Writes the rows of attempts that were made while PostgreSQL was unavailable, before the workflow does anything else with
 * them. Cancellation of the workflow does not interrupt it.
 */
export async function recordUnwritten(batch: AttemptBatch, results: readonly AttemptResult[]): Promise<void> {
  const requests = new Map(batch.deliveries.map((request) => [request.deliveryId, request]));
  const attempts = results.flatMap(({ deliveryId, outcome, unrecorded: facts }) => {
    const request = requests.get(deliveryId);
    return facts === undefined || request === undefined ? [] : [{ request, outcome, facts }];
  });
  if (attempts.length === 0) return;
  const { deliveries: _, ...batchWithoutDeliveries } = batch;
  await CancellationScope.nonCancellable(() =>
    recordingActivities.recordAttempts({ ...batchWithoutDeliveries, attempts }),
  );
}
