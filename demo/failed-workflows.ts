import { WorkflowFailedError, type Client } from '@temporalio/client';
import { pollUntil } from './poll-until.js';

export interface FailedWorkflow {
  readonly workflowId: string;
  /** Failure message as the Temporal UI shows it. */
  readonly message: string;
}

/** Finds the workflows with status Failed. Polls, because a workflow ends a moment after its dead letter is published. */
export async function findFailedWorkflows(
  { temporal, signal }: { temporal: Client; signal: AbortSignal },
  workflowIds: Iterable<string>,
): Promise<FailedWorkflow[]> {
  const failed: FailedWorkflow[] = [];
  for (const workflowId of new Set(workflowIds)) {
    const handle = temporal.workflow.getHandle(workflowId);
    const hasEnded = async () => (await handle.describe()).status.name !== 'RUNNING';
    if (!(await pollUntil(hasEnded, { withinMs: 5_000, signal, everyMs: 100 }))) continue;
    const error = await handle.result().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error instanceof WorkflowFailedError) failed.push({ workflowId, message: error.cause?.message ?? '' });
  }
  return failed;
}
