import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';

export interface Signal {
  readonly workflowId: string;
  readonly name: string;
  readonly args: unknown[];
}

/** False when no workflow runs that would listen. @throws what the client throws otherwise. */
export async function signalWorkflow(client: Client, { workflowId, name, args }: Signal): Promise<boolean> {
  try {
    await client.workflow.getHandle(workflowId).signal(name, ...args);
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
