import pg from 'pg';
import { assertTls } from './assert-tls.js';
import { toDatabaseError } from './errors.js';

export interface DatabaseConfig {
  /** `postgres://user@host:port/database` without any ssl parameter: those of a URL would silently win over `tls`. */
  url: string;
  password?: string | undefined;
  /** The authority's certificates (PEM) for `verify-full`, or `false` for a local server without TLS. */
  tls: { ca: string | undefined } | false;
  poolMax: number;
  applicationName: string;
  /** `maintenance`: a statement may take as long as it takes. Not for whatever has somebody waiting for it. */
  purpose?: 'maintenance';
}

export type Database = pg.Pool;
/** A client inside a transaction that sees the rows of its accounts and no others. */
export type AccountClient = Pick<pg.PoolClient, 'query'>;

/**
 * A pool with limits in milliseconds; the role's own limits on the server are the second line. With `tls`, every new
 * connection must be encrypted in the server's eyes too before anybody gets it.
 */
export function createPool(config: DatabaseConfig, onError: (error: unknown) => void): Database {
  const { hostname, port, pathname, username, password } = new URL(config.url);
  const pool = new pg.Pool({
    // A URL writes an IPv6 address in brackets, a socket takes it without.
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(port === '' ? 5432 : port),
    database: decodeURIComponent(pathname.slice(1)),
    user: decodeURIComponent(username),
    password: config.password ?? decodeURIComponent(password),
    ...(config.tls && { ssl: tlsOptions(config.tls.ca), verify: verifyTls }),
    max: config.poolMax,
    connectionTimeoutMillis: 3_000,
    ...(config.purpose === 'maintenance' ? {} : { query_timeout: 6_000, statement_timeout: 5_000 }),
    lock_timeout: 2_000,
    idle_in_transaction_session_timeout: 10_000,
    application_name: config.applicationName,
  });
  // Without a listener the loss of an idle connection would end the process.
  pool.on('error', (error) => {
    onError(toDatabaseError(error));
  });
  // The pool listens to idle connections only. One that is lost while somebody works with it fails his statement, and tells it
  // a second time as an event that would end the process.
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
  });
  return pool;
}

const verifyTls = (client: pg.PoolClient, done: (error?: Error) => void): void => {
  assertTls(client).then(() => done(), done);
};

/**
 * The certificate must name the host; pg sees to it, for addresses as well. An explicit `rejectUnauthorized` beats
 * NODE_TLS_REJECT_UNAUTHORIZED, an implied one does not.
 */
const tlsOptions = (ca: string | undefined) => ({
  rejectUnauthorized: true,
  minVersion: 'TLSv1.2' as const,
  ...(ca === undefined ? {} : { ca }),
});

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Runs `work` in a READ COMMITTED transaction in which row level security shows exactly the rows of `accountIds`.
 * The setting is local to the transaction: a session setting would travel with the pooled connection.
 * @throws DatabaseError for everything that pg or drizzle throws inside.
 */
export async function withAccounts<T>(
  db: Database,
  accountIds: readonly string[],
  work: (client: AccountClient) => Promise<T>,
): Promise<T> {
  return await transaction(db, beginFor([...new Set(accountIds)]), work);
}

export interface AccountLock {
  accountId: string;
  /** Waits until nobody else holds the account's lock; otherwise only for those that want it alone. */
  alone: boolean;
}

/** As `withAccounts`, holding each account's lock until the transaction ends. It costs no further round trip. */
export async function withLockedAccounts<T>(
  db: Database,
  locks: readonly AccountLock[],
  work: (client: AccountClient) => Promise<T>,
): Promise<T> {
  // One order for everybody: two transactions with the same accounts then wait for each other instead of deadlocking.
  const ids = [...new Set(locks.map(({ accountId }) => accountId))].sort();
  const alone = new Set(locks.filter((lock) => lock.alone).map(({ accountId }) => accountId));
  const lock = (id: string) =>
    `SELECT pg_advisory_xact_lock${alone.has(id) ? '' : '_shared'}(hashtextextended('hook.delivery_attempts:${id}', 0))`;
  return await transaction(db, [beginFor(ids), ...ids.map(lock)].join('; '), work);
}

/** Several statements in one round trip need the simple protocol, which has no parameters: hence the strict shape. */
function beginFor(ids: readonly string[]): string {
  if (!ids.every((id) => UUID.test(id))) throw new TypeError('an account id must be a lower-case UUID');
  return `BEGIN; SELECT set_config('hook.account_ids', '${ids.join(',')}', true)`;
}

async function transaction<T>(db: Database, begin: string, work: (client: AccountClient) => Promise<T>): Promise<T> {
  const client = await db.connect().catch((error: unknown) => {
    throw toDatabaseError(error);
  });
  let broken: unknown;
  try {
    await client.query(begin);
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    // A connection in an unknown state is closed, not handed to the next one.
    await client.query('ROLLBACK').catch((failure: unknown) => {
      broken = failure;
    });
    throw toDatabaseError(error);
  } finally {
    client.release(broken !== undefined);
  }
}
