/**
 * The id of a delivery workflow. Only this file builds workflow ids: a redelivered message and a producer's duplicate find
 * the running workflow by computing the same id. All ids stay below the 255 characters that SQL visibility stores.
 */
export const eventWorkflowId = (accountId: string, eventId: string): string => `wh-${accountId}-${eventId}`;

/** `batchHash` is a hash of the set of event ids: the same batch finds its workflow in any order. */
export const batchWorkflowId = (accountId: string, batchHash: string): string => `wh-${accountId}-b-${batchHash}`;

/** One replay of one delivery. `cycle` counts from 1, so a double click starts one workflow only. */
export const replayWorkflowId = (accountId: string, deliveryId: string, cycle: number): string =>
  `wh-${accountId}-${deliveryId}-r${String(cycle)}`;

/** A task that replays many deliveries. The id contains the account, so a caller finds tasks of its own account only. */
export const replayTaskWorkflowId = (accountId: string, taskId: string): string => `replay-${accountId}-${taskId}`;

/** The workflow that cancels the waiting deliveries of a deleted webhook. */
export const cancelForDeletedWebhookWorkflowId = (accountId: string, webhookId: string): string =>
  `end-${accountId}-${webhookId}`;

/** A customer's test of an endpoint. Every test is a delivery of its own. */
export const testWorkflowId = (accountId: string, deliveryId: string): string => `wh-${accountId}-t-${deliveryId}`;

/** Retries have a task queue of their own, so that they cannot take the permits of first attempts. */
export const retryTaskQueue = (taskQueue: string): string => `${taskQueue}-retry`;

/** Work on many deliveries has its own queue with few activity slots, so that it cannot delay a single delivery. */
export const bulkTaskQueue = (taskQueue: string): string => `${taskQueue}-bulk`;

export const DEFAULT_TASK_QUEUE = 'webhook-deliveries';
