import type pg from 'pg';
import type { Database } from '../client.js';
import { DatabaseError, toDatabaseError } from '../errors.js';
import { withMigrationLock } from './migrate.js';
import { DAY_MS } from '../../domain/delivery/durations.js';

/** The table that holds one week of attempts. */
export interface AttemptPartition {
  /** `delivery_attempts_YYYYMMDD`, of the week's Monday in UTC. */
  readonly name: string;
  /** First millisecond after the week, since 1970. */
  readonly endMs: number;
  readonly bytes: number;
}

export interface MaintainPartitionsOptions {
  readonly nowMs: number;
  /** Weeks to create beyond the current one. */
  readonly weeksAhead: number;
  /** Weeks that ended longer ago are dropped. Undefined: no week is dropped. */
  readonly retentionDays: number | undefined;
  readonly dryRun: boolean;
  /** Drops a week even if deliveries in it have no outcome yet. */
  readonly force: boolean;
}

export interface PartitionResult {
  /** Number of new partitions; in a dry run the number that a run would create. */
  readonly made: number;
  /** Dropped partitions; in a dry run the ones that a run would drop. */
  readonly dropped: (AttemptPartition & { durationMs: number })[];
  /** Expired partitions that stay because deliveries in them have no outcome yet. */
  readonly kept: AttemptPartition[];
}

/**
 * Creates weekly partitions ahead and drops expired ones, as the owner of the tables. A week is dropped as a whole or not at
 * all. While a week is searched for waiting deliveries, only writes into that week wait. The drop locks the whole table for
 * milliseconds; it gives up and tries again rather than queue behind a long query.
 * @throws DatabaseError; partitions dropped before the failure stay dropped, and the next run drops the others.
 */
export async function maintainPartitions(db: Database, plan: MaintainPartitionsOptions): Promise<PartitionResult> {
  return await withMigrationLock(db, async (client) => {
    const made = await createAhead(client, plan);
    const result: PartitionResult = { made, dropped: [], kept: [] };
    for (const partition of await listExpiredPartitions(client, plan)) {
      const startedAt = performance.now();
      const isDropped = await dropUnlessWaiting(client, partition, plan);
      const durationMs = Math.round(performance.now() - startedAt);
      if (isDropped) result.dropped.push({ ...partition, durationMs });
      else result.kept.push(partition);
    }
    return result;
  });
}

/** The function counts the current week too, hence `+ 1`. A dry run calls the same function and rolls back. */
async function createAhead(
  client: pg.PoolClient,
  { nowMs, weeksAhead, dryRun }: MaintainPartitionsOptions,
): Promise<number> {
  return await inTransaction(client, dryRun ? 'ROLLBACK' : 'COMMIT', async () => {
    const { rows } = await client.query<{ made: number }>(
      'SELECT hook.ensure_attempt_partitions(($1::timestamptz AT TIME ZONE $2)::date, $3) AS made',
      [new Date(nowMs), 'UTC', weeksAhead + 1],
    );
    return rows[0]?.made ?? 0;
  });
}

async function listExpiredPartitions(
  client: pg.PoolClient,
  { nowMs, retentionDays }: MaintainPartitionsOptions,
): Promise<AttemptPartition[]> {
  if (retentionDays === undefined) return [];
  const { rows } = await client.query<{ name: string; bytes: string }>(
    `SELECT c.relname AS name, pg_total_relation_size(c.oid) AS bytes
     FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = 'hook.delivery_attempts'::regclass AND c.relname ~ '^delivery_attempts_[0-9]{8}$' ORDER BY 1`,
  );
  return rows
    .map(({ name, bytes }) => ({ name, endMs: parseEndMs(name), bytes: Number(bytes) }))
    .filter(({ endMs }) => endMs <= nowMs - retentionDays * DAY_MS);
}

function parseEndMs(name: string): number {
  const [, year = '', month = '', day = ''] = /_(\d{4})(\d{2})(\d{2})$/.exec(name) ?? [];
  return Date.parse(`${year}-${month}-${day}T00:00:00Z`) + 7 * DAY_MS;
}

/** Tries for a drop that does not get its lock. */
const TRIES = 5;

async function dropUnlessWaiting(
  client: pg.PoolClient,
  { name }: AttemptPartition,
  { dryRun, force }: MaintainPartitionsOptions,
): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await inTransaction(client, 'COMMIT', async () => {
        // With this lock no replay can add a waiting delivery to the week between the check and the drop.
        await client.query(`SET LOCAL lock_timeout = '1s'; LOCK TABLE hook.${name} IN SHARE MODE`);
        if (!force && (await hasWaitingDeliveries(client, name))) return false;

        if (!dryRun) await client.query(`DROP TABLE hook.${name}`);
        return true;
      });
    } catch (error) {
      if (!isLockConflict(error) || attempt === TRIES) throw error;
    }
  }
}

/** SQLSTATE lock_not_available and deadlock_detected. */
const isLockConflict = (error: unknown): boolean =>
  error instanceof DatabaseError && ['55P03', '40P01'].includes(error.code);

/** Queries the partition itself: the row level security of the parent table shows its owner no row. */
async function hasWaitingDeliveries(client: pg.PoolClient, name: string): Promise<boolean> {
  const { rows } = await client.query<{ waiting: boolean }>(
    `SELECT EXISTS (SELECT FROM hook.${name} WHERE is_latest AND outcome IS NULL) AS waiting`,
  );
  return rows[0]?.waiting ?? true;
}

async function inTransaction<T>(client: pg.PoolClient, end: 'COMMIT' | 'ROLLBACK', work: () => Promise<T>): Promise<T> {
  await client.query('BEGIN');
  try {
    const result = await work();
    await client.query(end);
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw toDatabaseError(error);
  }
}
