import type { EndDeliveries, EndPage } from '../contracts/workflows/replay-deliveries.js';
import type { DeliveryRow } from '../db/queries/deliveries.js';
import type { Examined } from '../db/queries/examine-deliveries.js';
import type { Settlement } from '../db/delivery-path/set-outcomes.js';

export interface EndPageDeps {
  /** Waiting deliveries of the webhook, the newest first; one more than `limit` when there are more. */
  listWaiting: (asked: EndDeliveries & { limit: number }) => Promise<Examined>;
  /** False when no such workflow runs. */
  wake: (waiting: { workflowId: string; webhookId: string }) => Promise<boolean>;
  /** True while a workflow that is missing may only be about to start. */
  isJustRecorded: (delivery: DeliveryRow) => boolean;
  settle: (settlement: Settlement) => Promise<void>;
}

const PAGE = 100;

/**
 * Wakes the workflows in which deliveries wait for a deleted webhook: their next attempt finds it deleted and ends them. What
 * nobody works on any more is ended here.
 * @throws DatabaseError, or what `wake` throws.
 */
export async function endPage(deps: EndPageDeps, asked: EndDeliveries): Promise<EndPage> {
  const { accountId, webhookId } = asked;
  const { rows, examinedTo } = await deps.listWaiting({ ...asked, limit: PAGE });
  const page = rows.slice(0, PAGE);
  const workflowIds = [...new Set(page.map(({ workflowId }) => workflowId))];
  const woken = await Promise.all(workflowIds.map((workflowId) => deps.wake({ workflowId, webhookId })));
  const gone = new Set(workflowIds.filter((_, index) => woken[index] === false));
  const abandoned = page.filter((row) => gone.has(row.workflowId) && !deps.isJustRecorded(row));
  const deliveryIds = abandoned.map(({ deliveryId }) => deliveryId);
  if (deliveryIds.length > 0)
    await deps.settle({ accountId, deliveryIds, outcome: 'canceled', reason: 'endpoint_deleted' });
  const after = rows.length > PAGE ? page.at(-1)?.deliveryId : examinedTo;
  return after === undefined ? {} : { after };
}
