import { join } from 'node:path';
import pg from 'pg';
import { createPool, type Database } from '../../db/client.js';
import { runMigrations } from '../../db/maintenance/migrate.js';
import type { PreparedDatabase } from '../../local/prepare-database.js';
import { packageRoot } from '../../local/process/package-root.js';
import { startParts } from '../../local/start-parts.js';

export interface TestDatabase extends PreparedDatabase {
  /** As the service's role, with row level security in force. */
  readonly db: Database;
  /** As the administrator, which reads every row. */
  readonly admin: pg.Pool;
  /** The server, for tests that stop it. */
  readonly server: { readonly stop: () => Promise<void>; readonly restart: () => Promise<void> };
  /** Another database on the same server, migrated, closed together with this one. */
  readonly another: () => Promise<OpenDatabase>;
  /** Closes the pools and ends the server. */
  readonly close: () => Promise<void>;
}

type OpenDatabase = PreparedDatabase & Pick<TestDatabase, 'db' | 'admin'>;

/** Roles, schema and partitions in a database of the test file's own, on a PostgreSQL of its own (or `DATABASE_URL`'s). */
export async function startTestDatabase({ poolMax = 10 }: { poolMax?: number } = {}): Promise<TestDatabase> {
  const parts = await startParts({
    with: ['postgres'],
    log: () => undefined,
    env: process.env,
    existing: { databaseUrl: process.env['DATABASE_URL'] },
  });
  const pools: pg.Pool[] = [];
  const close = async () => {
    await Promise.all(pools.map((pool) => pool.end()));
    await parts.stop();
  };
  const open = async (): Promise<OpenDatabase> => {
    const prepared = await parts.prepareDatabase();
    await migrate(prepared.migrateUrl);
    const db = poolAs(prepared.serviceUrl, poolMax);
    const admin = new pg.Pool({ connectionString: prepared.adminUrl, max: 2 });
    admin.on('error', () => undefined);
    pools.push(db, admin);
    return { ...prepared, db, admin };
  };
  try {
    return { ...(await open()), server: parts.postgres, another: open, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const poolAs = (url: string, poolMax: number): Database =>
  createPool({ url, tls: false, poolMax, applicationName: 'test' }, () => undefined);

async function migrate(url: string): Promise<void> {
  const pool = poolAs(url, 1);
  try {
    await runMigrations(pool, join(packageRoot(), 'db', 'migrations'));
  } finally {
    await pool.end();
  }
}
