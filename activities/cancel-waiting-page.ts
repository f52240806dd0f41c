import type {
  CancelForDeletedWebhookInput,
  CancelForDeletedWebhookPage,
} from '../contracts/workflows/replay-deliveries.js';
import type { DeliveryRow } from '../db/queries/deliveries.js';
import type { DeliverySearchPage } from '../db/queries/search-deliveries.js';
import type { SetOutcomesRequest } from '../db/delivery-path/set-outcomes.js';

export interface CancelWaitingPageDeps {
  /** Waiting deliveries of the webhook, the newest first; one more than `limit` if there are more. */
  readonly listWaiting: (request: CancelForDeletedWebhookInput & { limit: number }) => Promise<DeliverySearchPage>;
  /** False if no such workflow runs. */
  readonly wakeEndpoint: (waiting: { workflowId: string; webhookId: string }) => Promise<boolean>;
  /** True while the workflow of a new delivery may still be starting, so that a missing workflow proves nothing. */
  readonly isJustRecorded: (delivery: DeliveryRow) => boolean;
  readonly setOutcomes: (request: SetOutcomesRequest) => Promise<void>;
}

const PAGE_SIZE = 100;

/**
 * Wakes the workflows whose deliveries wait for a deleted webhook. Their next attempt finds the webhook deleted and ends the
 * deliveries. Deliveries without a running workflow are canceled here.
 * @throws DatabaseError, and every error of `wakeEndpoint`.
 */
export async function cancelWaitingPage(
  deps: CancelWaitingPageDeps,
  request: CancelForDeletedWebhookInput,
): Promise<CancelForDeletedWebhookPage> {
  const { accountId, webhookId } = request;
  const { rows, resumeAfterId } = await deps.listWaiting({ ...request, limit: PAGE_SIZE });
  const page = rows.slice(0, PAGE_SIZE);
  const workflowIds = [...new Set(page.map(({ workflowId }) => workflowId))];
  const woken = await Promise.all(workflowIds.map((workflowId) => deps.wakeEndpoint({ workflowId, webhookId })));
  const notRunning = new Set(workflowIds.filter((_, index) => woken[index] === false));
  const abandoned = page.filter((row) => notRunning.has(row.workflowId) && !deps.isJustRecorded(row));
  const deliveryIds = abandoned.map(({ deliveryId }) => deliveryId);
  if (deliveryIds.length > 0)
    await deps.setOutcomes({ accountId, deliveryIds, outcome: 'canceled', reason: 'endpoint_deleted' });
  const after = rows.length > PAGE_SIZE ? page.at(-1)?.deliveryId : resumeAfterId;
  return after === undefined ? {} : { after };
}
