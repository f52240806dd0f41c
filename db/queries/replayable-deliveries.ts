import { and, eq, gt, gte, inArray, lt, ne, sql } from 'drizzle-orm';
import type { ReplayPageRequest } from '../../contracts/workflows/replay-deliveries.js';
import { firstDeliveryIdAt } from '../../domain/delivery/delivery-id.js';
import type { Database } from '../client.js';
import { searchDeliveries, type DeliverySearchPage } from './search-deliveries.js';
import { matchesEventType } from './list-deliveries.js';
import { deliveryAttempts as t, webhookConfigs as w } from '../schema.js';

/**
 * Lists ended deliveries that can be replayed, the oldest first, up to `limit`. Deliveries of deleted and disabled webhooks are
 * left out, and so are test deliveries.
 * @throws DatabaseError
 */
export function listReplayableDeliveries(
  db: Database,
  request: Omit<ReplayPageRequest, 'replay'>,
): Promise<DeliverySearchPage> {
  const { accountId, filter, endedBeforeMs, limit, after } = request;
  const { webhookId, eventType, statuses, fromMs, toMs } = filter;
  const enabledWebhookIds = sql`ARRAY(SELECT ${w.id} FROM ${w} WHERE ${w.accountId} = ${accountId} AND ${w.deletedAt} IS NULL AND ${w.status} = 'enabled')`;
  return searchDeliveries(db, accountId, {
    order: 'oldest',
    indexedCondition: and(
      webhookId === undefined ? undefined : eq(t.webhookId, webhookId),
      gte(t.deliveryId, firstDeliveryIdAt(fromMs)),
      lt(t.deliveryId, firstDeliveryIdAt(toMs)),
      after === undefined ? undefined : gt(t.deliveryId, after),
    ),
    filterCondition: and(
      inArray(t.outcome, statuses),
      lt(t.finishedAt, new Date(endedBeforeMs)),
      ne(t.trigger, 'test'),
      sql`${t.webhookId} = ANY (${enabledWebhookIds})`,
      eventType === undefined ? undefined : matchesEventType(eventType),
    ),
    limit,
  });
}
