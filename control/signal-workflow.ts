import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';

export interface Signal {
  readonly workflowId: string;
  readonly name: string;
  readonly args: unknown[];
}

/** Signals a workflow. False when no such workflow runs. @throws every other error of the client. */
export async function signalWorkflow(client: Client, { workflowId, name, args }: Signal): Promise<boolean> {
  try {
    await client.workflow.getHandle(workflowId).signal(name, ...args);
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
