import { REPORT_QUERY, SET_RATE_SIGNAL, type TaskSignal, type TaskState } from '../domain/delivery/workflow-names.js';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import type { ReplayReport, ReplayTaskInput } from '../contracts/workflows/replay-deliveries.js';
import { buildSearchAttributes } from '../contracts/workflows/search-attributes.js';
import { replayTaskWorkflowId } from '../domain/delivery/workflow-id.js';
import type { replayDeliveries } from '../workflows/index.js';
import { callTemporal } from './ask-temporal.js';
import { signalWorkflow } from './signal-workflow.js';

/** A task as customers and support see it. `failed`: it stopped on an error, or was terminated. */
export interface TaskReport extends Omit<ReplayReport, 'state'> {
  readonly taskId: string;
  readonly state: TaskState;
}

export interface TaskAddress {
  readonly accountId: string;
  readonly taskId: string;
}

/** A command to a running task. `setRate`: replays a second. */
export type TaskCommand = TaskSignal | { readonly setRate: number };

/** Bulk replays of an account's deliveries. All functions throw TemporalUnavailable when Temporal does not answer. */
export interface ReplayTasks {
  /** Two tasks over the same deliveries start each replay once. */
  readonly startTask: (input: Omit<ReplayTaskInput, 'continueFrom' | 'requestedAtMs'>) => Promise<TaskReport>;
  /** `undefined` when the account has no such task, or when Temporal's retention of the workflow is over. */
  readonly findTask: (task: TaskAddress) => Promise<TaskReport | undefined>;
  /** False when no such task runs. */
  readonly sendCommand: (task: TaskAddress, command: TaskCommand) => Promise<boolean>;
}

export function createReplayTasks({ client, taskQueue }: { client: Client; taskQueue: string }): ReplayTasks {
  const workflowIdOf = ({ accountId, taskId }: TaskAddress) => replayTaskWorkflowId(accountId, taskId);
  return {
    async startTask(request) {
      const taskId = crypto.randomUUID();
      const input: ReplayTaskInput = { ...request, requestedAtMs: Date.now() };
      const { accountId, filter, ratePerSecond, requestedAtMs } = input;
      const { webhookId } = filter;
      await callTemporal(client, () =>
        client.workflow.start<typeof replayDeliveries>('replayDeliveries', {
          workflowId: workflowIdOf({ accountId, taskId }),
          taskQueue,
          args: [input],
          typedSearchAttributes: buildSearchAttributes({ accountId, ...(webhookId && { webhookIds: [webhookId] }) }),
          staticSummary: `replay ${filter.statuses.join(', ')} → ${webhookId ?? 'every webhook'}`,
        }),
      );
      const noProgress = { started: 0, already: 0, positionMs: null };
      return { taskId, state: 'running', filter, ratePerSecond, requestedAtMs, ...noProgress };
    },
    async findTask(task) {
      return await callTemporal(client, async () => {
        const report = await readReport(client.workflow.getHandle<typeof replayDeliveries>(workflowIdOf(task)));
        return report && { taskId: task.taskId, ...report };
      });
    },
    async sendCommand(task, command) {
      const [name, args] = typeof command === 'string' ? [command, []] : [SET_RATE_SIGNAL, [command.setRate]];
      return await callTemporal(client, () => signalWorkflow(client, { workflowId: workflowIdOf(task), name, args }));
    },
  };
}

type Report = Omit<TaskReport, 'taskId'>;

async function readReport(handle: WorkflowHandle<typeof replayDeliveries>): Promise<Report | undefined> {
  try {
    const { status } = await handle.describe();
    if (status.name === 'COMPLETED') return await handle.result();
    const report = await handle.query<ReplayReport>(REPORT_QUERY);
    if (status.name === 'RUNNING') return report;
    return { ...report, state: status.name === 'CANCELLED' ? 'canceled' : 'failed' };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
