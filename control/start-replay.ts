import type { Client } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { DeliverWebhookInput, ReplayRequest } from '../contracts/workflows/deliver-webhook.js';
import { buildSearchAttributes } from '../contracts/workflows/search-attributes.js';
import { replayWorkflowId } from '../domain/delivery/workflow-id.js';
import type { deliverWebhook } from '../workflows/index.js';

export interface StartReplayDeps {
  readonly client: Client;
  readonly taskQueue: string;
  /** Delay in milliseconds before each attempt of the new cycle. */
  readonly schedule: readonly number[];
}

/** A delivery as its latest row tells it. */
export interface ReplayableDelivery {
  readonly deliveryId: string;
  readonly webhookId: string;
  readonly eventType: string;
  readonly cycle: number;
  readonly attemptNumber: number;
}

export interface StartReplayRequest extends ReplayableDelivery {
  readonly accountId: string;
  /** Both texts are stored in Temporal in plain text: no personal data. */
  readonly replay: ReplayRequest;
}

/**
 * Starts the delivery's next cycle. Starting it twice gives one replay, as its workflow id is that of the cycle: `already`
 * says that somebody else's runs.
 * @throws what the client throws.
 */
export async function startReplay(
  { client, taskQueue, schedule }: StartReplayDeps,
  { accountId, deliveryId, webhookId, eventType, attemptNumber, replay, cycle: before }: StartReplayRequest,
): Promise<{ workflowId: string; already: boolean }> {
  const cycle = before + 1;
  const workflowId = replayWorkflowId(accountId, deliveryId, cycle);
  const endpoints = [{ webhookId, deliveryIds: [deliveryId] }];
  const input: DeliverWebhookInput = {
    accountId,
    endpoints,
    schedule: [...schedule],
    cycle,
    attemptsBefore: attemptNumber,
    replay,
  };
  try {
    await client.workflow.start<typeof deliverWebhook>('deliverWebhook', {
      workflowId,
      taskQueue,
      // A replay that ended without an attempt, at a disabled endpoint, left no row of its cycle. One that did leave rows
      // finds them and posts nothing again.
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      workflowIdConflictPolicy: 'FAIL',
      args: [input],
      typedSearchAttributes: buildSearchAttributes({ accountId, eventTypes: [eventType], webhookIds: [webhookId] }),
      staticSummary: `replay ${String(cycle)}: ${eventType} → ${webhookId}`,
    });
    return { workflowId, already: false };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    return { workflowId, already: true };
  }
}
