import { type ActivityOptions, proxyActivities, proxyLocalActivities, workflowInfo } from '@temporalio/workflow';
import type { BulkActivities } from '../activities/create-bulk-activities.js';
import type { Activities, RetryActivities } from '../activities/index.js';
import type { AttemptBatch, AttemptResult } from '../contracts/workflows/deliver-webhook.js';
import { bulkTaskQueue, retryTaskQueue } from '../domain/delivery/workflow-id.js';
import { FIRST_ATTEMPTS, RECORDING } from './activity-options.js';

/** The fast lane: a local activity in the process that runs the workflow task. */
export const { attemptFirst } = proxyLocalActivities<Pick<Activities, 'attemptFirst'>>(FIRST_ATTEMPTS);

/** The slow lane: an activity of the retry queue. */
export function attemptInRetryQueue(batch: AttemptBatch, options: ActivityOptions): Promise<AttemptResult[]> {
  const routed = { ...options, taskQueue: retryTaskQueue(workflowInfo().taskQueue) };
  const { attemptAgain } = proxyActivities<RetryActivities>(routed);
  return attemptAgain.executeWithOptions(routed, [batch]);
}

/** Activities that write outcomes and rows, and publish dead letters. */
export const recordingActivities = proxyActivities<Omit<Activities, 'attemptFirst'>>(RECORDING);

/** Activities on pages of deliveries. The fairness key shares the bulk queue equally between accounts. */
export const bulkActivities = (accountId: string) =>
  proxyActivities<BulkActivities>({
    ...RECORDING,
    taskQueue: bulkTaskQueue(workflowInfo().taskQueue),
    priority: { fairnessKey: accountId },
  });
