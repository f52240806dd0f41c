import tls from 'node:tls';
import pg from 'pg';
import { assertTls } from './assert-tls.js';
import { toDatabaseError } from './errors.js';
import { UUID_PATTERN } from '../domain/delivery/uuid.js';

export interface PoolOptions {
  /** `postgres://user@host:port/database`, without ssl parameters: they would silently override `tls`. */
  readonly url: string;
  readonly password?: string | undefined;
  /** The certificates (PEM) of the certificate authority for `verify-full`, or `false` for a local server without TLS. */
  readonly tls: { ca: string | undefined } | false;
  readonly poolMax: number;
  readonly applicationName: string;
  /** `maintenance`: statements have no time limit. Not for statements that a request waits for. */
  readonly purpose?: 'maintenance';
}

export type Database = pg.Pool;
/** A client inside a transaction that sees only the rows of its accounts. */
export type AccountClient = Pick<pg.PoolClient, 'query'>;

/**
 * Creates a pool with time limits in milliseconds; the limits of the role on the server apply as well. With `tls`, the pool
 * asks the server about each new connection and hands it out only if the server sees it encrypted too.
 */
export function createPool(config: PoolOptions, onError: (error: unknown) => void): Database {
  const { hostname, port, pathname, username, password } = new URL(config.url);
  const pool = new pg.Pool({
    // A URL has brackets around an IPv6 address, a socket address has none.
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(port === '' ? 5432 : port),
    database: decodeURIComponent(pathname.slice(1)),
    user: decodeURIComponent(username),
    password: config.password ?? decodeURIComponent(password),
    ...(config.tls && { ssl: tlsOptions(config.tls.ca), verify: verifyTls }),
    // Queries that do not wait for each other's answers share a round trip: see `runPipelined`.
    pipeline: true,
    max: config.poolMax,
    connectionTimeoutMillis: 3_000,
    ...(config.purpose === 'maintenance' ? {} : { query_timeout: 6_000, statement_timeout: 5_000 }),
    lock_timeout: 2_000,
    idle_in_transaction_session_timeout: 10_000,
    application_name: config.applicationName,
  });
  // Without a listener, the loss of an idle connection would end the process.
  pool.on('error', (error) => {
    onError(toDatabaseError(error));
  });
  // A checked-out client rejects its query when the connection is lost, and emits `error` as well. Without this listener that
  // event would end the process.
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
  });
  return pool;
}

const verifyTls = (client: pg.PoolClient, done: (error?: Error) => void): void => {
  assertTls(client).then(() => done(), done);
};

/**
 * pg checks that the certificate names the host, also if the host is an address. `rejectUnauthorized` is explicit because only
 * an explicit value overrides NODE_TLS_REJECT_UNAUTHORIZED. One context serves all connections of the pool: Node would make one
 * for each connection and parse all authorities for it, of which a cloud's bundle has over a hundred.
 */
const tlsOptions = (ca: string | undefined) => ({
  rejectUnauthorized: true,
  secureContext: tls.createSecureContext({ minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) }),
});

/**
 * Runs `work` in a READ COMMITTED transaction in which row level security shows exactly the rows of `accountIds`.
 * The setting is local to the transaction: a session setting would stay on the pooled connection.
 * @throws DatabaseError for every error of pg or drizzle inside.
 */
export async function withAccounts<T>(
  db: Database,
  accountIds: readonly string[],
  work: (client: AccountClient) => Promise<T>,
): Promise<T> {
  const begin = buildBegin(accountIds);
  return await withClient(db, (client) => runTransaction(client, begin, work));
}

/**
 * Runs independent statements in such a transaction. BEGIN, statements and COMMIT are sent together, in one round trip. If one
 * fails, the transaction is rolled back. For prepared statements with one plan that is good for all values: PostgreSQL keeps
 * the plan, because planning over all partitions costs several times as much as executing.
 * @throws DatabaseError
 */
export async function runPipelined<R extends pg.QueryResultRow>(
  db: Database,
  accountIds: readonly string[],
  statements: readonly PreparedStatement[],
): Promise<pg.QueryResult<R>[]> {
  const begin = buildBeginKeepingPlans(accountIds);
  return await withClient(db, (client) => sendPipelined<R>(client, begin, statements));
}

/** `runPipelined` for one statement of one account. @throws DatabaseError */
export async function runPreparedInAccount<R extends pg.QueryResultRow>(
  db: Database,
  accountId: string,
  statement: PreparedStatement,
): Promise<pg.QueryResult<R>> {
  return getSingleResult(await runPipelined<R>(db, [accountId], [statement]));
}

/** A statement with its values, and the name under which a connection keeps it prepared. */
export type PreparedStatement = Required<Pick<pg.QueryConfig, 'name' | 'text'>> & { values: unknown[] };

export interface AccountLock {
  readonly accountId: string;
  /** An exclusive lock waits for all holders of the account's lock, a shared lock for an exclusive holder only. */
  readonly isExclusive: boolean;
}

/** `runPipelined` for one statement that holds a lock on each account until its transaction ends. @throws DatabaseError */
export async function runWithAccountLocks<R extends pg.QueryResultRow>(
  db: Database,
  locks: readonly AccountLock[],
  statement: PreparedStatement,
): Promise<pg.QueryResult<R>> {
  // All transactions lock in the same order: two with the same accounts wait for each other instead of deadlocking.
  const ids = [...new Set(locks.map(({ accountId }) => accountId))].sort();
  const exclusiveIds = new Set(locks.filter((lock) => lock.isExclusive).map(({ accountId }) => accountId));
  const lockStatement = (id: string) =>
    `SELECT pg_advisory_xact_lock${exclusiveIds.has(id) ? '' : '_shared'}(hashtextextended('hook.delivery_attempts:${id}', 0))`;
  const begin = [buildBeginKeepingPlans(ids), ...ids.map(lockStatement)].join('; ');
  return getSingleResult(await withClient(db, (client) => sendPipelined<R>(client, begin, [statement])));
}

function getSingleResult<T>([result]: readonly T[]): T {
  if (result === undefined) throw new TypeError('expected exactly one result');
  return result;
}

/** Several statements in one string need the simple protocol, which has no parameters: hence the strict check of the ids. */
function buildBegin(accountIds: readonly string[]): string {
  const ids = [...new Set(accountIds)];
  if (!ids.every((id) => UUID_PATTERN.test(id))) throw new TypeError('an account id must be a lower-case UUID');
  return `BEGIN; SELECT set_config('hook.account_ids', '${ids.join(',')}', true)`;
}

/**
 * A kept plan may have been made while a week's partition was empty. A plan that scans that partition would do so for good,
 * hence `enable_seqscan = off`.
 */
const buildBeginKeepingPlans = (accountIds: readonly string[]): string =>
  `${buildBegin(accountIds)}, set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true)`;

/** Runs `work` with a client of the pool. If the transaction cannot be rolled back, the connection is closed. */
async function withClient<T>(db: Database, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
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

async function runTransaction<T>(
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
  const beginResult = client.query(begin);
  const results = statements.map((statement) => client.query<R>(statement));
  const commitResult = client.query('COMMIT');
  // All are awaited, so that no rejection is unhandled. The first one is the cause: the others say that the transaction failed.
  const outcomes = await Promise.allSettled([beginResult, ...results, commitResult]);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  return await Promise.all(results);
}
