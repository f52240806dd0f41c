import type {
  CancelForDeletedWebhookInput,
  CancelForDeletedWebhookPage,
} from '../contracts/workflows/replay-deliveries.js';
import type { DeliveryRow } from '../db/queries/deliveries.js';
import type { DeliverySearchPage } from '../db/queries/search-deliveries.js';
import type { SetOutcomesRequest } from '../db/delivery-path/set-outcomes.js';

export interface CancelWaitingPageDeps {
  /** Waiting deliveries of the webhook, the newest first; one more than `limit` when there are more. */
  readonly listWaiting: (asked: CancelForDeletedWebhookInput & { limit: number }) => Promise<DeliverySearchPage>;
  /** False when no such workflow runs. */
  readonly wakeEndpoint: (waiting: { workflowId: string; webhookId: string }) => Promise<boolean>;
  /** True while a workflow that is missing may only be about to start. */
  readonly isJustRecorded: (delivery: DeliveryRow) => boolean;
  readonly setOutcomes: (settlement: SetOutcomesRequest) => Promise<void>;
}

const PAGE = 100;

/**
 * Wakes the workflows in which deliveries wait for a deleted webhook: their next attempt finds it deleted and ends them. What
 * nobody works on any more is ended here.
 * @throws DatabaseError, or what `wake` throws.
 */
export async function cancelWaitingPage(
  deps: CancelWaitingPageDeps,
  asked: CancelForDeletedWebhookInput,
): Promise<CancelForDeletedWebhookPage> {
  const { accountId, webhookId } = asked;
  const { rows, resumeAfterId } = await deps.listWaiting({ ...asked, limit: PAGE });
  const page = rows.slice(0, PAGE);
  const workflowIds = [...new Set(page.map(({ workflowId }) => workflowId))];
  const woken = await Promise.all(workflowIds.map((workflowId) => deps.wakeEndpoint({ workflowId, webhookId })));
  const gone = new Set(workflowIds.filter((_, index) => woken[index] === false));
  const abandoned = page.filter((row) => gone.has(row.workflowId) && !deps.isJustRecorded(row));
  const deliveryIds = abandoned.map(({ deliveryId }) => deliveryId);
  if (deliveryIds.length > 0)
    await deps.setOutcomes({ accountId, deliveryIds, outcome: 'canceled', reason: 'endpoint_deleted' });
  const after = rows.length > PAGE ? page.at(-1)?.deliveryId : resumeAfterId;
  return after === undefined ? {} : { after };
}
