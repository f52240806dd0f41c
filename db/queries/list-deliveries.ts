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
  /** When the event's message came in, in milliseconds since 1970; the end is not included. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

export interface DeliveryPageQuery extends DeliveryFilter {
  readonly limit: number;
  /** Delivery id where the page before ended. */
  readonly after?: string | undefined;
}

/** Deliveries of an account, the newest first; one more than `limit` when there are more. @throws DatabaseError */
export const listDeliveries = (
  db: Database,
  accountId: string,
  asked: DeliveryPageQuery,
): Promise<DeliverySearchPage> =>
  searchDeliveries(db, accountId, {
    order: 'newest',
    where: indexed(asked),
    matching: matching(asked),
    limit: asked.limit + 1,
    // An event has few deliveries, which its own index finds and which are then sorted.
    needsSort: asked.eventId !== undefined,
  });

/** What an index leads to, in the order of the list. */
const indexed = ({ webhookId, eventId, fromMs, toMs, after }: DeliveryPageQuery): SQL | undefined =>
  and(
    webhookId === undefined ? undefined : eq(t.webhookId, webhookId),
    eventId === undefined ? undefined : eq(t.eventId, eventId),
    fromMs === undefined ? undefined : gte(t.deliveryId, firstDeliveryIdAt(fromMs)),
    toMs === undefined ? undefined : lt(t.deliveryId, firstDeliveryIdAt(toMs)),
    after === undefined ? undefined : lt(t.deliveryId, after),
  );

/** What has to be looked for. */
const matching = ({ status, eventType, responseClass }: DeliveryFilter): SQL | undefined =>
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
