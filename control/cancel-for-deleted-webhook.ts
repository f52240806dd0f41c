import type { Client } from '@temporalio/client';
import { buildSearchAttributes } from '../contracts/workflows/search-attributes.js';
import { cancelForDeletedWebhookWorkflowId } from '../domain/delivery/workflow-id.js';
import type { endDeliveries } from '../workflows/index.js';
import { callTemporal } from './ask-temporal.js';

/** What waits for a webhook that was deleted just now. Never rejects. */
export type CancelForDeletedWebhook = (accountId: string, webhookId: string) => Promise<void>;

export interface CancelForDeletedWebhookDeps {
  readonly client: Client;
  readonly taskQueue: string;
  /** Told when it could not be begun: then they end at their next attempt. */
  readonly report: (error: unknown) => void;
}

/** Begins ending the deliveries that wait for a deleted webhook, in the background. */
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
          staticSummary: `end what waits for ${webhookId}`,
        }),
      );
    } catch (error) {
      report(error);
    }
  };
