import { fileURLToPath } from 'node:url';
import { type NativeConnection, Worker } from '@temporalio/worker';
import { type ActivityDeps, createActivities, createRetryActivities } from '../../activities/index.js';
import { type BulkDeps, createBulkActivities } from '../../activities/create-bulk-activities.js';
import { bulkTaskQueue, retryTaskQueue } from '../../domain/delivery/workflow-id.js';
import { DELIVERY_WORKER } from './worker-options.js';

export interface WorkersOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly taskQueue: string;
  /** Concurrent activities of the retry queue: the slots of the slow lane. */
  readonly slowLanePermits: number;
  readonly deps: ActivityDeps;
  readonly bulk: BulkDeps;
}

/** Pages of bulk work at a time in this process: it goes on between deliveries and never instead of them. */
const MAX_CONCURRENT_BULK_PAGES = 2;

const bundle = fileURLToPath(new URL('../../workflow-bundle.js', import.meta.url));

/** Longer than the longest request; what runs when it ends is handed out again elsewhere. */
const SHUTDOWN = { shutdownGraceTime: '12s', shutdownForceTime: '20s' } as const;

/** One worker for workflows with their first attempts, one for the retry queue, one for what concerns many deliveries. */
export async function createWorkers({
  connection,
  namespace,
  taskQueue,
  slowLanePermits,
  deps,
  bulk,
}: WorkersOptions): Promise<Worker[]> {
  return await Promise.all([
    Worker.create({
      ...SHUTDOWN,
      ...DELIVERY_WORKER,
      connection,
      namespace,
      taskQueue,
      workflowBundle: { codePath: bundle },
      activities: createActivities(deps),
    }),
    Worker.create({
      ...SHUTDOWN,
      connection,
      namespace,
      taskQueue: retryTaskQueue(taskQueue),
      activities: createRetryActivities(deps),
      maxConcurrentActivityTaskExecutions: slowLanePermits,
      activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 2 },
    }),
    Worker.create({
      ...SHUTDOWN,
      connection,
      namespace,
      taskQueue: bulkTaskQueue(taskQueue),
      activities: createBulkActivities(bulk),
      maxConcurrentActivityTaskExecutions: MAX_CONCURRENT_BULK_PAGES,
      activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 1 },
    }),
  ]);
}
