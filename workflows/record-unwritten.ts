import { CancellationScope } from '@temporalio/workflow';
import type { AttemptBatch, AttemptResult } from '../contracts/workflows/deliver-webhook.js';
import { recordingActivities } from './recording-activities.js';

/** What was posted while PostgreSQL was away is written before anything else happens to it, be the workflow canceled or not. */
export async function recordUnwritten(batch: AttemptBatch, results: readonly AttemptResult[]): Promise<void> {
  const requests = new Map(batch.deliveries.map((request) => [request.deliveryId, request]));
  const attempts = results.flatMap(({ deliveryId, outcome, unrecorded: facts }) => {
    const request = requests.get(deliveryId);
    return facts === undefined || request === undefined ? [] : [{ request, outcome, facts }];
  });
  if (attempts.length === 0) return;
  const { deliveries: _, ...rest } = batch;
  await CancellationScope.nonCancellable(() => recordingActivities.recordAttempts({ ...rest, attempts }));
}
