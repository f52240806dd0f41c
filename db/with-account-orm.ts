import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import { type Database, withAccounts } from './client.js';

/** Runs `work` with a query builder in a transaction that sees one account's rows. @throws DatabaseError */
export const withAccountOrm = <T>(
  db: Database,
  accountId: string,
  work: (orm: NodePgDatabase) => Promise<T>,
): Promise<T> => withAccounts(db, [accountId], (client) => work(drizzle(client as pg.PoolClient)));
