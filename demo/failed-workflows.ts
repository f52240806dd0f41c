import { WorkflowFailedError, type Client } from '@temporalio/client';
import { pollUntil } from './poll-until.js';

export interface FailedWorkflow {
  readonly workflowId: string;
  /** What the Temporal UI shows as the failure. */
  readonly message: string;
}

/** Asks Temporal which of the workflows have Failed. A workflow ends a moment after its dead letter is published. */
export async function findFailedWorkflows(
  { temporal, signal }: { temporal: Client; signal: AbortSignal },
  workflowIds: Iterable<string>,
): Promise<FailedWorkflow[]> {
  const failed: FailedWorkflow[] = [];
  for (const workflowId of new Set(workflowIds)) {
    const handle = temporal.workflow.getHandle(workflowId);
    const ended = async () => (await handle.describe()).status.name !== 'RUNNING';
    if (!(await pollUntil(ended, { withinMs: 5_000, signal, everyMs: 100 }))) continue;
    const error = await handle.result().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error instanceof WorkflowFailedError) failed.push({ workflowId, message: error.cause?.message ?? '' });
  }
  return failed;
}
