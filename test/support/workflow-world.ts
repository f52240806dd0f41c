import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Client, Connection, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { Activities, RetryActivities } from '../../activities/index.js';
import type { AttemptBatch, AttemptResult, DeliverWebhookInput } from '../../contracts/delivery.js';
import type { AttemptOutcome } from '../../domain/delivery/outcome.js';
import { bulkTaskQueue, retryTaskQueue } from '../../domain/delivery/workflow-id.js';
import { packageRoot } from '../../local/process/package-root.js';
import { startParts } from '../../local/start-parts.js';
import type { BulkActivities } from '../../activities/create-bulk-activities.js';
import type { ReplayTaskInput } from '../../contracts/replay-task.js';
import type { deliverWebhook, replayDeliveries } from '../../workflows/index.js';

export type FakeActivities = Activities & RetryActivities;

/** A function for each activity: what was asked is remembered, attempts are answered by `script`. */
export function fakeActivities(script: (delivery: Asked) => AttemptOutcome) {
  const asked: { activity: string; input: unknown }[] = [];
  const note = (activity: string) => (input: unknown) => {
    asked.push({ activity, input });
    return Promise.resolve();
  };
  const attempt = (activity: 'attemptFirst' | 'attemptAgain') => (batch: AttemptBatch) => {
    asked.push({ activity, input: batch });
    const results = batch.deliveries.map(({ deliveryId, webhookId, attempt: number }): AttemptResult => {
      return {
        deliveryId,
        outcome: script({ activity, deliveryId, webhookId, attempt: number, trigger: batch.trigger }),
      };
    });
    return Promise.resolve(results);
  };
  const activities: FakeActivities = {
    attemptFirst: attempt('attemptFirst'),
    attemptAgain: attempt('attemptAgain'),
    recordAttempts: note('recordAttempts'),
    publishDeadLetter: note('publishDeadLetter'),
    cancelDeliveries: note('cancelDeliveries'),
  };
  const of = (activity: string) => asked.filter((entry) => entry.activity === activity).map(({ input }) => input);
  return { activities, asked, of };
}

export interface Asked {
  activity: 'attemptFirst' | 'attemptAgain';
  deliveryId: string;
  webhookId: string;
  attempt: number;
  trigger: string;
}

type Handle = WorkflowHandleWithFirstExecutionRunId<typeof deliverWebhook>;

/** A real Temporal server, the real workflow bundle, and workers with whatever activities a test gives them. */
export async function startWorkflowWorld() {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const parts = await startParts({ with: ['temporal'], log: () => undefined, env: process.env });
  const { address } = parts.temporal;
  const native = await NativeConnection.connect({ address });
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });
  const codePath = join(packageRoot(), 'dist', 'workflow-bundle.js');

  /** Runs one workflow with workers of its own; `work` may talk to it while it runs. */
  async function run<T>(activities: FakeActivities, input: DeliverWebhookInput, work: (handle: Handle) => Promise<T>) {
    const taskQueue = `test-${randomUUID()}`;
    const { attemptAgain, ...main } = activities;
    const common = { connection: native, shutdownGraceTime: '1s' as const };
    const workers = await Promise.all([
      Worker.create({ ...common, taskQueue, workflowBundle: { codePath }, activities: main }),
      Worker.create({ ...common, taskQueue: retryTaskQueue(taskQueue), activities: { attemptAgain } }),
    ]);
    const running = workers.map((worker) => worker.run());
    try {
      const workflowId = `wh-${input.accountId}-${randomUUID()}`;
      return await work(
        await client.workflow.start<typeof deliverWebhook>('deliverWebhook', { workflowId, taskQueue, args: [input] }),
      );
    } finally {
      for (const worker of workers) worker.shutdown();
      await Promise.all(running);
    }
  }

  /** Runs one bulk replay, with a worker for it and one for its activities. */
  async function runTask<T>(
    activities: BulkActivities,
    input: ReplayTaskInput,
    work: (handle: WorkflowHandleWithFirstExecutionRunId<typeof replayDeliveries>) => Promise<T>,
  ) {
    const taskQueue = `test-${randomUUID()}`;
    const common = { connection: native, shutdownGraceTime: '1s' as const };
    const workers = await Promise.all([
      Worker.create({ ...common, taskQueue, workflowBundle: { codePath } }),
      Worker.create({ ...common, taskQueue: bulkTaskQueue(taskQueue), activities }),
    ]);
    const running = workers.map((worker) => worker.run());
    try {
      const options = { workflowId: `replay-${randomUUID()}`, taskQueue, args: [input] as [ReplayTaskInput] };
      return await work(await client.workflow.start<typeof replayDeliveries>('replayDeliveries', options));
    } finally {
      for (const worker of workers) worker.shutdown();
      await Promise.all(running);
    }
  }

  const close = async () => {
    await connection.close();
    await native.close();
    await parts.stop();
  };
  return { client, run, runTask, close };
}

export type WorkflowWorld = Awaited<ReturnType<typeof startWorkflowWorld>>;

export const ACCOUNT = '00000000-0000-4000-8000-00000000aaaa';
export const WEBHOOK_A = '00000000-0000-4000-8000-0000000000a0';
export const WEBHOOK_B = '00000000-0000-4000-8000-0000000000b0';
/** `delivery(1)` and so on: ids that say nothing about anybody. */
export const delivery = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;

export const anInput = (more: Partial<DeliverWebhookInput> = {}): DeliverWebhookInput => ({
  accountId: ACCOUNT,
  endpoints: [{ webhookId: WEBHOOK_A, deliveryIds: [delivery(1)] }],
  schedule: [0, 50, 50],
  cycle: 0,
  attemptsBefore: 0,
  ...more,
});
