import { and, asc, desc, eq, or, sql, type SQL } from 'drizzle-orm';
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import { type Database, withAccounts } from '../client.js';
import { type DeliveryRow, isLatest, deliveryColumns } from './deliveries.js';
import { readInIndexOrder } from './read-in-index-order.js';
import { deliveryAttempts as t } from '../schema.js';

/**
 * A search examines at most this many deliveries, so that a filter with few matches costs no more than one with many. Status
 * and response of a delivery are in no index on purpose: every attempt changes them.
 */
export const MAX_SEARCHED_DELIVERIES = 5_000;

export interface DeliverySearch {
  readonly order: 'newest' | 'oldest';
  /** The condition that an index finds, besides the account. Undefined: none. */
  readonly indexedCondition: SQL | undefined;
  /** The condition that is checked for each examined delivery. Undefined: all match. */
  readonly filterCondition: SQL | undefined;
  readonly limit: number;
  /** `indexedCondition` leads to few rows through an index that has another order. */
  readonly needsSort?: boolean;
}

export interface DeliverySearchPage {
  /** Up to `limit`, in order of the arrival of their events. */
  readonly rows: DeliveryRow[];
  /** The last examined delivery, when the search stopped before the end: the next page starts after this id. */
  readonly resumeAfterId: string | undefined;
}

/** Searches the deliveries of an account. @throws DatabaseError */
export async function searchDeliveries(
  db: Database,
  accountId: string,
  search: DeliverySearch,
): Promise<DeliverySearchPage> {
  const found = await withAccounts(db, [accountId], async (client) => {
    if (!search.needsSort) await readInIndexOrder(client);
    return await selectMatches(drizzle(client as pg.PoolClient), accountId, search);
  });
  // The last delivery that may be examined is selected whether it matches or not: it marks where the search stopped.
  const last = found.at(-1);
  const resumeAfterId = last?.position === MAX_SEARCHED_DELIVERIES ? last.deliveryId : undefined;
  return { rows: found.filter((row) => row.matches), resumeAfterId };
}

/** Selects the matching rows among the first `MAX_SEARCHED_DELIVERIES`, and the last of these. */
async function selectMatches(orm: NodePgDatabase, accountId: string, search: DeliverySearch) {
  const inOrder = search.order === 'newest' ? desc : asc;
  const position = sql<number>`row_number() OVER (ORDER BY ${inOrder(t.deliveryId)})`.mapWith(Number).as('position');
  const matches = sql<boolean>`coalesce(${search.filterCondition ?? sql`true`}, false)`.as('matches');
  const examined = orm
    .select({ ...deliveryColumns, position, matches })
    .from(t)
    .where(and(eq(t.accountId, accountId), isLatest, search.indexedCondition))
    .orderBy(inOrder(t.deliveryId))
    .limit(MAX_SEARCHED_DELIVERIES)
    .as('examined');
  return await orm
    .select()
    .from(examined)
    .where(or(examined.matches, eq(examined.position, MAX_SEARCHED_DELIVERIES)))
    .orderBy(inOrder(examined.deliveryId))
    .limit(search.limit);
}
