import type { Client } from '@temporalio/client';
import { buildSearchAttributes } from '../contracts/workflows/search-attributes.js';
import { cancelForDeletedWebhookWorkflowId } from '../domain/delivery/workflow-id.js';
import type { endDeliveries } from '../workflows/index.js';
import { callTemporal } from './ask-temporal.js';

/** Cancels the waiting deliveries of a deleted webhook in the background. Never rejects. */
export type CancelForDeletedWebhook = (accountId: string, webhookId: string) => Promise<void>;

export interface CancelForDeletedWebhookDeps {
  readonly client: Client;
  readonly taskQueue: string;
  /** Called when the workflow could not be started: each delivery is then canceled at its next attempt. */
  readonly report: (error: unknown) => void;
}

/** Starts the workflow that cancels them. If it runs already, nothing changes. */
export const createCancelForDeletedWebhook =
  ({ client, taskQueue, report }: CancelForDeletedWebhookDeps): CancelForDeletedWebhook =>
  async (accountId, webhookId) => {
    try {
      await callTemporal(client, () =>
        client.workflow.start<typeof endDeliveries>('endDeliveries', {
          workflowId: cancelForDeletedWebhookWorkflowId(accountId, webhookId),
          workflowIdConflictPolicy: 'USE_EXISTING',
          taskQueue,
          args: [{ accountId, webhookId }],
          typedSearchAttributes: buildSearchAttributes({ accountId, webhookIds: [webhookId] }),
          staticSummary: `cancel waiting deliveries of deleted webhook ${webhookId}`,
        }),
      );
    } catch (error) {
      report(error);
    }
  };
