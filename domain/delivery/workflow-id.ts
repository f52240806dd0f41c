/**
 * The address of a delivery workflow. Nobody builds such an id elsewhere: it is what makes a redelivered message and a
 * producer's duplicate find the workflow that already runs. All stay below the 255 characters that SQL visibility holds.
 */
export const eventWorkflowId = (accountId: string, eventId: string): string => `wh-${accountId}-${eventId}`;

/** `batchHash` stands for the set of event ids, so the same batch finds its workflow whatever the order. */
export const batchWorkflowId = (accountId: string, batchHash: string): string => `wh-${accountId}-b-${batchHash}`;

/** One replay of one delivery; `cycle` counts from 1, so a double click starts one workflow. */
export const replayWorkflowId = (accountId: string, deliveryId: string, cycle: number): string =>
  `wh-${accountId}-${deliveryId}-r${String(cycle)}`;

/** A task that replays many deliveries. Whoever asks for it names the account, so nobody finds another's. */
export const replayTaskWorkflowId = (accountId: string, taskId: string): string => `replay-${accountId}-${taskId}`;

/** Ends what waits for a webhook that was deleted. */
export const cancelForDeletedWebhookWorkflowId = (accountId: string, webhookId: string): string =>
  `end-${accountId}-${webhookId}`;

/** A customer's test of an endpoint; every test is a delivery of its own. */
export const testWorkflowId = (accountId: string, deliveryId: string): string => `wh-${accountId}-t-${deliveryId}`;

/** Retries have a task queue of their own, so that they can never occupy the slots of first attempts. */
export const retryTaskQueue = (taskQueue: string): string => `${taskQueue}-retry`;

/** Work on many deliveries has few slots of its own, so that it cannot keep a single delivery from being settled. */
export const bulkTaskQueue = (taskQueue: string): string => `${taskQueue}-bulk`;

export const DEFAULT_TASK_QUEUE = 'webhook-deliveries';
