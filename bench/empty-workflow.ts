import { proxyLocalActivities } from '@temporalio/workflow';

const { nothing } = proxyLocalActivities<{ nothing: () => Promise<void> }>({
  startToCloseTimeout: '30s',
  retry: { maximumAttempts: 1 },
});

/** The least that a workflow with one local activity can be: what any delivery by workflow has to pay. */
export async function emptyWorkflow(): Promise<void> {
  await nothing();
}
