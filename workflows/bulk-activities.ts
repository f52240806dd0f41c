import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { BulkActivities } from '../activities/create-bulk-activities.js';
import { bulkTaskQueue } from '../domain/delivery/workflow-id.js';
import { BOOKKEEPING } from './activity-options.js';

/** Accounts take turns in the bulk queue, however many tasks one of them has. */
export const bulkActivities = (accountId: string) =>
  proxyActivities<BulkActivities>({
    ...BOOKKEEPING,
    taskQueue: bulkTaskQueue(workflowInfo().taskQueue),
    priority: { fairnessKey: accountId },
  });
