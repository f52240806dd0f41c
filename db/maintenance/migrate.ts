import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import type pg from 'pg';
import type { Database } from '../client.js';
import { toDatabaseError } from '../errors.js';

export interface MigrationResult {
  /** Number of weekly partitions that this run created. */
  readonly partitionsMade: number;
}

/**
 * Brings the schema up to date, as the owner of its objects, and creates partitions eight weeks ahead.
 * @throws DatabaseError; a failed migration is rolled back as a whole.
 */
export async function runMigrations(db: Database, migrationsFolder: string): Promise<MigrationResult> {
  return await withMigrationLock(db, async (client) => {
    await migrate(drizzle(client), {
      migrationsFolder,
      migrationsSchema: 'hook',
      migrationsTable: 'schema_migrations',
    });
    return { partitionsMade: await createPartitionsAhead(client) };
  });
}

/**
 * Runs `work` as the owner of the schema, one run at a time: the migrator has no lock of its own, and two runs would collide.
 * @throws DatabaseError for every error inside.
 */
export async function withMigrationLock<T>(db: Database, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await db.connect().catch((error: unknown) => {
    throw toDatabaseError(error);
  });
  try {
    // Another run may take longer than the time limits of the service.
    await client.query(`SET lock_timeout = 0; SET statement_timeout = 0; SET ROLE hook_owner`);
    await client.query(`SELECT pg_advisory_lock(hashtext('webhook-dispatcher:migrate'))`);
    return await work(client);
  } catch (error) {
    throw toDatabaseError(error);
  } finally {
    // Closes the connection, which releases the lock, also after a failure.
    client.release(true);
  }
}

async function createPartitionsAhead(client: pg.PoolClient): Promise<number> {
  const { rows } = await client.query<{ made: number }>(
    `SELECT hook.ensure_attempt_partitions((now() - interval '14 days')::date, 10) AS made`,
  );
  return rows[0]?.made ?? 0;
}
