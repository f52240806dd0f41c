import type { Client } from '@temporalio/client';
import { searchAttributesOf } from '../contracts/workflows/search-attributes.js';
import { endDeliveriesWorkflowId } from '../domain/delivery/workflow-id.js';
import type { endDeliveries } from '../workflows/index.js';
import { askTemporal } from './ask-temporal.js';

/** What waits for a webhook that was deleted just now. Never rejects. */
export type EndDeliveriesOf = (accountId: string, webhookId: string) => Promise<void>;

export interface EndDependencies {
  readonly client: Client;
  readonly taskQueue: string;
  /** Told when it could not be begun: then they end at their next attempt. */
  readonly report: (error: unknown) => void;
}

/** Begins ending the deliveries that wait for a deleted webhook, in the background. */
export const createEndDeliveries =
  ({ client, taskQueue, report }: EndDependencies): EndDeliveriesOf =>
  async (accountId, webhookId) => {
    try {
      await askTemporal(client, () =>
        client.workflow.start<typeof endDeliveries>('endDeliveries', {
          workflowId: endDeliveriesWorkflowId(accountId, webhookId),
          workflowIdConflictPolicy: 'USE_EXISTING',
          taskQueue,
          args: [{ accountId, webhookId }],
          typedSearchAttributes: searchAttributesOf({ accountId, webhookIds: [webhookId] }),
          staticSummary: `end what waits for ${webhookId}`,
        }),
      );
    } catch (error) {
      report(error);
    }
  };
