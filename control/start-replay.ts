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

/** The fields of a delivery's latest row that a replay needs. */
export interface ReplayableDelivery {
  readonly deliveryId: string;
  readonly webhookId: string;
  readonly eventType: string;
  readonly cycle: number;
  readonly attemptNumber: number;
}

export interface StartReplayRequest extends ReplayableDelivery {
  readonly accountId: string;
  /** Stored in Temporal in plain text: no personal data. */
  readonly replay: ReplayRequest;
}

/**
 * Starts the delivery's next cycle. Starting it twice gives one replay, because its workflow id contains the cycle. `already`:
 * another request had started it.
 * @throws errors of the client.
 */
export async function startReplay(
  { client, taskQueue, schedule }: StartReplayDeps,
  { accountId, deliveryId, webhookId, eventType, attemptNumber, replay, cycle: previousCycle }: StartReplayRequest,
): Promise<{ workflowId: string; already: boolean }> {
  const cycle = previousCycle + 1;
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
      // A replay that ended without an attempt, because the endpoint was disabled, left no row of its cycle: the same id must be
      // usable again. A workflow that finds rows of its cycle sends no request again.
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
