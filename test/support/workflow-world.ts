import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Client, Connection, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import type { Workflow } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { Activities, RetryActivities } from '../../activities/index.js';
import type { AttemptBatch, AttemptResult, DeliverWebhookInput } from '../../contracts/workflows/deliver-webhook.js';
import type { AttemptOutcome } from '../../domain/delivery/outcome.js';
import { bulkTaskQueue, retryTaskQueue } from '../../domain/delivery/workflow-id.js';
import { packageRoot } from '../../local/process/package-root.js';
import { startParts } from '../../local/start-parts.js';
import type { BulkActivities } from '../../activities/create-bulk-activities.js';
import type { ReplayTaskInput } from '../../contracts/workflows/replay-deliveries.js';
import type { deliverWebhook, endDeliveries, replayDeliveries, testWebhook } from '../../workflows/index.js';

export type FakeActivities = Activities & RetryActivities;

/** A function for each activity: it records its inputs, and `script` gives the results of attempts. */
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

interface WorkflowRun<W extends Workflow> {
  type: string;
  input: Parameters<W>[0];
  /** Activities by the queue that they belong to. */
  main?: object;
  again?: object;
  bulk?: object;
}

/** A real Temporal server, the real workflow bundle, and workers with the activities that a test gives them. */
export async function startWorkflowWorld() {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const parts = await startParts({ with: ['temporal'], log: () => undefined, env: process.env });
  const { address } = parts.temporal;
  const native = await NativeConnection.connect({ address });
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });
  const codePath = join(packageRoot(), 'dist', 'workflow-bundle.js');

  /** Runs one workflow with workers of its own for each queue; `work` may talk to it while it runs. */
  async function runOn<W extends Workflow, T>(
    { type, input, main = {}, again, bulk }: WorkflowRun<W>,
    work: (handle: WorkflowHandleWithFirstExecutionRunId<W>) => Promise<T>,
  ) {
    const taskQueue = `test-${randomUUID()}`;
    const common = { connection: native, shutdownGraceTime: '1s' as const };
    const queues = [
      { ...common, taskQueue, workflowBundle: { codePath }, activities: main },
      ...(again === undefined ? [] : [{ ...common, taskQueue: retryTaskQueue(taskQueue), activities: again }]),
      ...(bulk === undefined ? [] : [{ ...common, taskQueue: bulkTaskQueue(taskQueue), activities: bulk }]),
    ];
    const workers = await Promise.all(queues.map((options) => Worker.create(options)));
    const running = workers.map((worker) => worker.run());
    try {
      const options = { workflowId: `wh-${randomUUID()}`, taskQueue, args: [input] };
      return await work((await client.workflow.start(type, options)) as WorkflowHandleWithFirstExecutionRunId<W>);
    } finally {
      for (const worker of workers) worker.shutdown();
      await Promise.all(running);
    }
  }

  async function run<T>(
    { attemptAgain, ...main }: FakeActivities,
    input: DeliverWebhookInput,
    work: (handle: WorkflowHandleWithFirstExecutionRunId<typeof deliverWebhook>) => Promise<T>,
  ) {
    return await runOn({ type: 'deliverWebhook', input, main, again: { attemptAgain } }, work);
  }

  /** Runs one bulk replay. */
  async function runTask<T>(
    bulk: BulkActivities,
    input: ReplayTaskInput,
    work: (handle: WorkflowHandleWithFirstExecutionRunId<typeof replayDeliveries>) => Promise<T>,
  ) {
    return await runOn({ type: 'replayDeliveries', input, bulk }, work);
  }

  /** Runs a customer's test of an endpoint to its end. */
  async function runWebhookTest<T>(
    { attemptAgain, ...main }: FakeActivities,
    work: (handle: WorkflowHandleWithFirstExecutionRunId<typeof testWebhook>) => Promise<T>,
  ) {
    const input = { accountId: ACCOUNT, webhookId: WEBHOOK_A, deliveryId: delivery(1) };
    return await runOn({ type: 'testWebhook', input, main, again: { attemptAgain } }, work);
  }

  /** Cancels the deliveries that wait for a deleted webhook. */
  async function runEnding<T>(
    bulk: BulkActivities,
    work: (handle: WorkflowHandleWithFirstExecutionRunId<typeof endDeliveries>) => Promise<T>,
  ) {
    return await runOn({ type: 'endDeliveries', input: { accountId: ACCOUNT, webhookId: WEBHOOK_A }, bulk }, work);
  }

  const close = async () => {
    await connection.close();
    await native.close();
    await parts.stop();
  };
  return { client, run, runTask, runWebhookTest, runEnding, close };
}

export type WorkflowWorld = Awaited<ReturnType<typeof startWorkflowWorld>>;

export const ACCOUNT = '00000000-0000-4000-8000-00000000aaaa';
export const WEBHOOK_A = '00000000-0000-4000-8000-0000000000a0';
export const WEBHOOK_B = '00000000-0000-4000-8000-0000000000b0';
/** `delivery(1)` and so on: ids without personal data. */
export const delivery = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;

export const anInput = (more: Partial<DeliverWebhookInput> = {}): DeliverWebhookInput => ({
  accountId: ACCOUNT,
  endpoints: [{ webhookId: WEBHOOK_A, deliveryIds: [delivery(1)] }],
  schedule: [0, 50, 50],
  cycle: 0,
  attemptsBefore: 0,
  ...more,
});

export const DELIVERED: AttemptOutcome = { kind: 'delivered', status: 204 };
export const FAILED: AttemptOutcome = { kind: 'retry', code: 'http_error', status: 500 };
/** Milliseconds; a wait that no test waits for. */
export const HOUR = 3_600_000;
