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
  /** Concurrent activities of the retry queue: the permits of the slow lane. */
  readonly slowLanePermits: number;
  readonly deps: ActivityDeps;
  readonly bulk: BulkDeps;
}

/** Concurrent pages of bulk work per process. Few, so that bulk work does not displace deliveries. */
const MAX_CONCURRENT_BULK_PAGES = 2;

const bundle = fileURLToPath(new URL('../../workflow-bundle.js', import.meta.url));

/** Longer than the longest request. Temporal assigns a task that is still running afterwards to another worker. */
const SHUTDOWN = { shutdownGraceTime: '12s', shutdownForceTime: '20s' } as const;

/**
 * Creates three workers: for workflows with their first attempts, for the retry queue, and for bulk work on many
 * deliveries.
 */
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
