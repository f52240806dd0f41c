import { and, asc, desc, eq, or, sql, type SQL } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import { type Database, withAccounts } from '../client.js';
import { type DeliveryRow, isLatest, deliveryColumns } from './deliveries.js';
import { readInIndexOrder } from './read-in-index-order.js';
import { deliveryAttempts as t } from '../schema.js';

/**
 * What no index leads to is looked for in so many deliveries and no more, so that a filter which seldom matches costs what
 * one which always does may cost. Their outcome and answer are in no index on purpose: every attempt changes them.
 */
export const MAX_SEARCHED_DELIVERIES = 5_000;

export interface DeliverySearch {
  readonly order: 'newest' | 'oldest';
  /** What an index leads to, besides the account. */
  readonly where: SQL | undefined;
  /** What has to be looked for. */
  readonly matching: SQL | undefined;
  readonly limit: number;
  /** Where `where` leads to few rows, whose index has another order. */
  readonly needsSort?: boolean;
}

export interface DeliverySearchPage {
  /** Up to `limit`, by the time at which their events came in. */
  readonly rows: DeliveryRow[];
  /** Where looking ended, when it ended before the list was over: whoever goes on begins behind this id. */
  readonly resumeAfterId: string | undefined;
}

/** Looks for deliveries of an account. @throws DatabaseError */
export async function searchDeliveries(
  db: Database,
  accountId: string,
  asked: DeliverySearch,
): Promise<DeliverySearchPage> {
  const inOrder = asked.order === 'newest' ? desc : asc;
  const position = sql<number>`row_number() OVER (ORDER BY ${inOrder(t.deliveryId)})`.mapWith(Number).as('position');
  const matches = sql<boolean>`coalesce(${asked.matching ?? sql`true`}, false)`.as('matches');
  const found = await withAccounts(db, [accountId], async (client) => {
    if (!asked.needsSort) await readInIndexOrder(client);
    const orm = drizzle(client as pg.PoolClient);
    const examined = orm
      .select({ ...deliveryColumns, position, matches })
      .from(t)
      .where(and(eq(t.accountId, accountId), isLatest, asked.where))
      .orderBy(inOrder(t.deliveryId))
      .limit(MAX_SEARCHED_DELIVERIES)
      .as('examined');
    return await orm
      .select()
      .from(examined)
      .where(or(examined.matches, eq(examined.position, MAX_SEARCHED_DELIVERIES)))
      .orderBy(inOrder(examined.deliveryId))
      .limit(asked.limit);
  });
  // The last one that may be examined comes back whether it matches or not.
  const last = found.at(-1);
  const resumeAfterId = last?.position === MAX_SEARCHED_DELIVERIES ? last.deliveryId : undefined;
  return { rows: found.filter((row) => row.matches), resumeAfterId };
}
