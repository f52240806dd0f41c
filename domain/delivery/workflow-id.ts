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

/** Retries have a task queue of their own, so that they can never occupy the slots of first attempts. */
export const retryTaskQueue = (taskQueue: string): string => `${taskQueue}-retry`;

export const DEFAULT_TASK_QUEUE = 'webhook-deliveries';
