import pg from 'pg';
import { assertTls } from './assert-tls.js';
import { toDatabaseError } from './errors.js';
import { UUID_PATTERN } from '../domain/delivery/uuid.js';

export interface PoolOptions {
  /** `postgres://user@host:port/database` without any ssl parameter: those of a URL would silently win over `tls`. */
  readonly url: string;
  readonly password?: string | undefined;
  /** The authority's certificates (PEM) for `verify-full`, or `false` for a local server without TLS. */
  readonly tls: { ca: string | undefined } | false;
  readonly poolMax: number;
  readonly applicationName: string;
  /** `maintenance`: a statement may take as long as it takes. Not for whatever has somebody waiting for it. */
  readonly purpose?: 'maintenance';
}

export type Database = pg.Pool;
/** A client inside a transaction that sees the rows of its accounts and no others. */
export type AccountClient = Pick<pg.PoolClient, 'query'>;

/**
 * A pool with limits in milliseconds; the role's own limits on the server are the second line. With `tls`, every new
 * connection must be encrypted in the server's eyes too before anybody gets it.
 */
export function createPool(config: PoolOptions, onError: (error: unknown) => void): Database {
  const { hostname, port, pathname, username, password } = new URL(config.url);
  const pool = new pg.Pool({
    // A URL writes an IPv6 address in brackets, a socket takes it without.
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(port === '' ? 5432 : port),
    database: decodeURIComponent(pathname.slice(1)),
    user: decodeURIComponent(username),
    password: config.password ?? decodeURIComponent(password),
    ...(config.tls && { ssl: tlsOptions(config.tls.ca), verify: verifyTls }),
    // What is sent without waiting for the answer before is sent together: see `inOneTrip`.
    pipeline: true,
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
  const begin = beginFor(accountIds);
  return await connected(db, (client) => transaction(client, begin, work));
}

/**
 * Runs statements that do not need each other's results in such a transaction. Begin, statements and commit are sent
 * together: one round trip. The first that fails takes the others with it. For prepared statements that have one good plan
 * whatever their values: it is kept, because planning over all partitions costs several times what executing does.
 * @throws DatabaseError
 */
export async function runPipelined<R extends pg.QueryResultRow>(
  db: Database,
  accountIds: readonly string[],
  statements: readonly PreparedStatement[],
): Promise<pg.QueryResult<R>[]> {
  const begin = beginKeepingPlans(accountIds);
  return await connected(db, (client) => sendPipelined<R>(client, begin, statements));
}

/** `inOneTrip` for one statement. */
export async function runPreparedInAccount<R extends pg.QueryResultRow>(
  db: Database,
  accountId: string,
  statement: PreparedStatement,
): Promise<pg.QueryResult<R>> {
  return only(await runPipelined<R>(db, [accountId], [statement]));
}

/** A statement with a name under which a connection keeps it, and its values. */
export type PreparedStatement = Required<Pick<pg.QueryConfig, 'name' | 'text'>> & { values: unknown[] };

export interface AccountLock {
  readonly accountId: string;
  /** Waits until nobody else holds the account's lock; otherwise only for those that want it alone. */
  readonly isExclusive: boolean;
}

/** As `inOneTrip` for one statement, holding each account's lock until the transaction ends. */
export async function runWithAccountLocks<R extends pg.QueryResultRow>(
  db: Database,
  locks: readonly AccountLock[],
  statement: PreparedStatement,
): Promise<pg.QueryResult<R>> {
  // One order for everybody: two transactions with the same accounts then wait for each other instead of deadlocking.
  const ids = [...new Set(locks.map(({ accountId }) => accountId))].sort();
  const alone = new Set(locks.filter((lock) => lock.isExclusive).map(({ accountId }) => accountId));
  const lock = (id: string) =>
    `SELECT pg_advisory_xact_lock${alone.has(id) ? '' : '_shared'}(hashtextextended('hook.delivery_attempts:${id}', 0))`;
  const begin = [beginKeepingPlans(ids), ...ids.map(lock)].join('; ');
  return only(await connected(db, (client) => sendPipelined<R>(client, begin, [statement])));
}

function only<T>([one]: readonly T[]): T {
  if (one === undefined) throw new TypeError('one statement has one result');
  return one;
}

/** Several statements in one round trip need the simple protocol, which has no parameters: hence the strict shape. */
function beginFor(accountIds: readonly string[]): string {
  const ids = [...new Set(accountIds)];
  if (!ids.every((id) => UUID_PATTERN.test(id))) throw new TypeError('an account id must be a lower-case UUID');
  return `BEGIN; SELECT set_config('hook.account_ids', '${ids.join(',')}', true)`;
}

/** A kept plan may have been made for a week that was still empty: one that reads a whole table then would do so ever after. */
const beginKeepingPlans = (accountIds: readonly string[]): string =>
  `${beginFor(accountIds)}, set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true)`;

/** A client for `work`; one whose state is unknown afterwards is closed, not handed to the next one. */
async function connected<T>(db: Database, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await db.connect().catch((error: unknown) => {
    throw toDatabaseError(error);
  });
  let isClean = true;
  try {
    return await work(client);
  } catch (error) {
    isClean = await client.query('ROLLBACK').then(
      () => true,
      () => false,
    );
    throw toDatabaseError(error);
  } finally {
    client.release(!isClean);
  }
}

async function transaction<T>(
  client: pg.PoolClient,
  begin: string,
  work: (client: AccountClient) => Promise<T>,
): Promise<T> {
  await client.query(begin);
  const result = await work(client);
  await client.query('COMMIT');
  return result;
}

async function sendPipelined<R extends pg.QueryResultRow>(
  client: pg.PoolClient,
  begin: string,
  statements: readonly PreparedStatement[],
): Promise<pg.QueryResult<R>[]> {
  const begun = client.query(begin);
  const running = statements.map((statement) => client.query<R>(statement));
  const ended = client.query('COMMIT');
  // In their order, so that what is told is the cause and not that the transaction was over; and none is left unheard.
  const settled = await Promise.allSettled([begun, ...running, ended]);
  for (const one of settled) if (one.status === 'rejected') throw one.reason;
  return await Promise.all(running);
}
