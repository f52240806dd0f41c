import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { packageRoot } from './process/package-root.js';

export interface PreparedDatabase {
  readonly name: string;
  /** The new database as the administrator. */
  readonly adminUrl: string;
  /** As `hook_migrate`, for migrations. */
  readonly migrateUrl: string;
  /** As `hook_svc`, for the service. */
  readonly serviceUrl: string;
  /** Drops the database, ending its connections. */
  readonly drop: () => Promise<void>;
}

export interface PrepareDatabaseOptions {
  /** A role that may create databases and roles. */
  readonly adminUrl: string;
  /** Default: a random name. */
  readonly name?: string;
}

// Roles belong to the whole server, so parallel tests share them and a run cannot have its own password.
const localPassword = 'local-only';

/**
 * Creates a database and runs `deploy/postgres/roles.sql` in it, as an administrator does before the first migration.
 * The passwords of the roles are fixed, because the servers run on this machine only. Does not run migrations.
 */
export const prepareDatabase = async (options: PrepareDatabaseOptions): Promise<PreparedDatabase> => {
  const { adminUrl, name = `hook_${randomBytes(6).toString('hex')}` } = options;
  const roles = await readFile(join(packageRoot(), 'deploy', 'postgres', 'roles.sql'), 'utf8');
  const target = urlFor(adminUrl, { database: name });
  await withClient(adminUrl, async (admin) => {
    await admin.query(`CREATE DATABASE ${admin.escapeIdentifier(name)}`);
    // The lock prevents two runs from creating or altering the same role concurrently, which fails.
    await admin.query(`SELECT pg_advisory_lock(hashtext('webhook-dispatcher:roles'))`);
    await withClient(target, async (client) => {
      await client.query(roles);
      for (const role of ['hook_migrate', 'hook_svc'])
        await client.query(`ALTER ROLE ${role} PASSWORD '${localPassword}'`);
    });
  });
  return {
    name,
    adminUrl: target,
    migrateUrl: urlFor(adminUrl, { database: name, role: 'hook_migrate' }),
    serviceUrl: urlFor(adminUrl, { database: name, role: 'hook_svc' }),
    drop: () =>
      withClient(adminUrl, async (admin) => {
        await admin.query(`DROP DATABASE IF EXISTS ${admin.escapeIdentifier(name)} WITH (FORCE)`);
      }),
  };
};

const urlFor = (
  adminUrl: string,
  { database, role }: { readonly database: string; readonly role?: string },
): string => {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  if (role !== undefined) {
    url.username = role;
    url.password = localPassword;
  }
  return url.href;
};

const withClient = async (connectionString: string, work: (client: pg.Client) => Promise<void>): Promise<void> => {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
};
