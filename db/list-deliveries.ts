import { and, desc, eq, gte, isNull, lt, or, sql, type SQL } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import type { DeliveryOutcome } from '../contracts/delivery.js';
import { firstDeliveryIdAt } from '../domain/delivery/delivery-id.js';
import { type Database, withAccounts } from './client.js';
import { type DeliveryRow, isLatest, latest } from './deliveries.js';
import { readInIndexOrder } from './read-in-index-order.js';
import { deliveryAttempts as t } from './schema.js';

/** The class of the last answer's status; `none`: no attempt was answered. */
export type ResponseClass = '2xx' | '3xx' | '4xx' | '5xx' | 'none';

export interface DeliveryFilter {
  webhookId?: string | undefined;
  eventId?: string | undefined;
  /** `pending`: not settled yet. */
  status?: DeliveryOutcome | 'pending' | undefined;
  /** A type, or `order.*` for all below it. */
  eventType?: string | undefined;
  responseClass?: ResponseClass | undefined;
  /** When the event's message came in, in milliseconds since 1970; the end is not included. */
  fromMs?: number | undefined;
  toMs?: number | undefined;
}

export interface DeliveryPageAsked extends DeliveryFilter {
  limit: number;
  /** Delivery id where the page before ended. */
  after?: string | undefined;
}

export interface DeliveryPageFound {
  /** The newest first; one more than `limit` when there are more. */
  rows: DeliveryRow[];
  /** Where looking ended, when it ended before the page was full and before the list was over. */
  examinedTo: string | undefined;
}

/**
 * What no index leads to is looked for in so many deliveries and no more, so that a filter which seldom matches costs what
 * one which always does may cost. Their outcome and answer are in no index on purpose: every attempt changes them.
 */
export const MAX_EXAMINED = 5_000;

/** Deliveries of an account, the newest first (ids are in time order). @throws DatabaseError */
export async function listDeliveries(
  db: Database,
  accountId: string,
  asked: DeliveryPageAsked,
): Promise<DeliveryPageFound> {
  const found = await withAccounts(db, [accountId], async (client) => {
    // An event has few deliveries, which its own index finds and which are then sorted.
    if (asked.eventId === undefined) await readInIndexOrder(client);
    const orm = drizzle(client as pg.PoolClient);
    const examined = orm
      .select({ ...latest, position, matches: matching(asked) })
      .from(t)
      .where(indexed(accountId, asked))
      .orderBy(desc(t.deliveryId))
      .limit(MAX_EXAMINED)
      .as('examined');
    return await orm
      .select()
      .from(examined)
      .where(or(examined.matches, eq(examined.position, MAX_EXAMINED)))
      .orderBy(desc(examined.deliveryId))
      .limit(asked.limit + 1);
  });
  // The last one that may be examined comes back whether it matches or not: the next page begins behind it.
  const last = found.at(-1);
  const examinedTo = last?.position === MAX_EXAMINED ? last.deliveryId : undefined;
  return { rows: found.filter(({ matches }) => matches), examinedTo };
}

const position = sql<number>`row_number() OVER (ORDER BY ${t.deliveryId} DESC)`.mapWith(Number).as('position');

/** What an index leads to, in the order of the list. */
function indexed(accountId: string, { webhookId, eventId, fromMs, toMs, after }: DeliveryPageAsked): SQL | undefined {
  return and(
    eq(t.accountId, accountId),
    webhookId === undefined ? undefined : eq(t.webhookId, webhookId),
    eventId === undefined ? undefined : eq(t.eventId, eventId),
    isLatest,
    fromMs === undefined ? undefined : gte(t.deliveryId, firstDeliveryIdAt(fromMs)),
    toMs === undefined ? undefined : lt(t.deliveryId, firstDeliveryIdAt(toMs)),
    after === undefined ? undefined : lt(t.deliveryId, after),
  );
}

/** What has to be looked for. */
function matching({ status, eventType, responseClass }: DeliveryFilter): SQL.Aliased<boolean> {
  const condition = and(
    status === undefined ? undefined : status === 'pending' ? isNull(t.outcome) : eq(t.outcome, status),
    eventType === undefined ? undefined : ofType(eventType),
    responseClass === undefined ? undefined : ofClass(responseClass),
  );
  return sql<boolean>`coalesce(${condition ?? sql`true`}, false)`.as('matches');
}

const ofType = (wanted: string): SQL =>
  wanted.endsWith('.*') ? sql`starts_with(${t.eventType}, ${wanted.slice(0, -1)})` : eq(t.eventType, wanted);

function ofClass(wanted: ResponseClass): SQL | undefined {
  if (wanted === 'none') return isNull(t.responseStatus);
  const first = Number(wanted[0]) * 100;
  return and(gte(t.responseStatus, first), lt(t.responseStatus, first + 100));
}
