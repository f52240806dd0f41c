import type { DeliveryStatus, ResponseClass } from '../../domain/delivery/statuses.js';
import { and, eq, gte, isNull, lt, sql, type SQL } from 'drizzle-orm';
import { firstDeliveryIdAt } from '../../domain/delivery/delivery-id.js';
import type { Database } from '../client.js';
import { searchDeliveries, type DeliverySearchPage } from './search-deliveries.js';
import { deliveryAttempts as t } from '../schema.js';

export interface DeliveryFilter {
  readonly webhookId?: string | undefined;
  readonly eventId?: string | undefined;
  /** `waiting`: without an outcome. */
  readonly status?: DeliveryStatus | undefined;
  /** A type, or `order.*` for all below it. */
  readonly eventType?: string | undefined;
  readonly responseClass?: ResponseClass | undefined;
  /** When the event's message arrived, in milliseconds since 1970; `toMs` is not included. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

export interface DeliveryPageQuery extends DeliveryFilter {
  readonly limit: number;
  /** The last delivery id of the previous page. */
  readonly after?: string | undefined;
}

/** Lists deliveries of an account, the newest first; one more than `limit` when there are more. @throws DatabaseError */
export const listDeliveries = (
  db: Database,
  accountId: string,
  query: DeliveryPageQuery,
): Promise<DeliverySearchPage> =>
  searchDeliveries(db, accountId, {
    order: 'newest',
    indexedCondition: buildIndexedCondition(query),
    filterCondition: buildFilterCondition(query),
    limit: query.limit + 1,
    // The index by event finds the few deliveries of an event in another order.
    needsSort: query.eventId !== undefined,
  });

/** The conditions that an index finds, in the order of the list. */
const buildIndexedCondition = ({ webhookId, eventId, fromMs, toMs, after }: DeliveryPageQuery): SQL | undefined =>
  and(
    webhookId === undefined ? undefined : eq(t.webhookId, webhookId),
    eventId === undefined ? undefined : eq(t.eventId, eventId),
    fromMs === undefined ? undefined : gte(t.deliveryId, firstDeliveryIdAt(fromMs)),
    toMs === undefined ? undefined : lt(t.deliveryId, firstDeliveryIdAt(toMs)),
    after === undefined ? undefined : lt(t.deliveryId, after),
  );

/** The conditions that no index finds. */
const buildFilterCondition = ({ status, eventType, responseClass }: DeliveryFilter): SQL | undefined =>
  and(
    status === undefined ? undefined : status === 'waiting' ? isNull(t.outcome) : eq(t.outcome, status),
    eventType === undefined ? undefined : matchesEventType(eventType),
    responseClass === undefined ? undefined : matchesResponseClass(responseClass),
  );

/** A type, or `order.*` for all below it. */
export const matchesEventType = (wanted: string): SQL =>
  wanted.endsWith('.*') ? sql`starts_with(${t.eventType}, ${wanted.slice(0, -1)})` : eq(t.eventType, wanted);

function matchesResponseClass(wanted: ResponseClass): SQL | undefined {
  if (wanted === 'none') return isNull(t.responseStatus);
  const first = Number(wanted[0]) * 100;
  return and(gte(t.responseStatus, first), lt(t.responseStatus, first + 100));
}
