import type pg from 'pg';
import type { Database } from '../client.js';
import { DatabaseError, toDatabaseError } from '../errors.js';
import { withMigrationLock } from './migrate.js';
import { DAY_MS } from '../../domain/delivery/durations.js';

/** One week of attempts. */
export interface AttemptPartition {
  /** `delivery_attempts_YYYYMMDD`, of the week's Monday in UTC. */
  readonly name: string;
  /** First millisecond after the week, since 1970. */
  readonly endMs: number;
  readonly bytes: number;
}

export interface MaintainPartitionsOptions {
  readonly nowMs: number;
  /** Weeks to have ready beyond the current one. */
  readonly weeksAhead: number;
  /** Weeks that ended longer ago are dropped. Undefined: none. */
  readonly retentionDays: number | undefined;
  readonly dryRun: boolean;
  /** Drops a week even if deliveries in it have no outcome yet. */
  readonly force: boolean;
}

export interface PartitionResult {
  /** New partitions; in a dry run those that would be made. */
  readonly made: number;
  /** In a dry run those that would be dropped. */
  readonly dropped: (AttemptPartition & { durationMs: number })[];
  /** Old enough, but kept: deliveries in them have no outcome yet. */
  readonly kept: AttemptPartition[];
}

/**
 * Makes weekly partitions ahead and drops those whose retention is over, as the owner of the tables. A week goes as a whole
 * or not at all. While a week is looked through, only writes into that week wait; the drop itself locks the whole table
 * for milliseconds, and gives way rather than queue behind a long query.
 * @throws DatabaseError; what was dropped before stays dropped, and the next run does the rest.
 */
export async function maintainPartitions(db: Database, plan: MaintainPartitionsOptions): Promise<PartitionResult> {
  return await withMigrationLock(db, async (client) => {
    const made = await makeAhead(client, plan);
    const result: PartitionResult = { made, dropped: [], kept: [] };
    for (const partition of await listExpiredPartitions(client, plan)) {
      const started = performance.now();
      const gone = await dropUnlessWaiting(client, partition, plan);
      const durationMs = Math.round(performance.now() - started);
      if (gone) result.dropped.push({ ...partition, durationMs });
      else result.kept.push(partition);
    }
    return result;
  });
}

/** `weeks` of the function count the current one. A dry run asks the same function and takes it back. */
async function makeAhead(
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
    .map(({ name, bytes }) => ({ name, endMs: endOf(name), bytes: Number(bytes) }))
    .filter(({ endMs }) => endMs <= nowMs - retentionDays * DAY_MS);
}

function endOf(name: string): number {
  const [, year = '', month = '', day = ''] = /_(\d{4})(\d{2})(\d{2})$/.exec(name) ?? [];
  return Date.parse(`${year}-${month}-${day}T00:00:00Z`) + 7 * DAY_MS;
}

/** How often a drop is tried that would have to wait for somebody. */
const TRIES = 5;

async function dropUnlessWaiting(
  client: pg.PoolClient,
  { name }: AttemptPartition,
  { dryRun, force }: MaintainPartitionsOptions,
): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await inTransaction(client, 'COMMIT', async () => {
        // Nobody adds an open delivery behind our back: replays of old ones wait until the week is judged.
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

/** lock_not_available, deadlock_detected */
const isLockConflict = (error: unknown): boolean =>
  error instanceof DatabaseError && ['55P03', '40P01'].includes(error.code);

/** Asks the partition itself: the policies of the table above show its owner no row. */
async function hasWaitingDeliveries(client: pg.PoolClient, name: string): Promise<boolean> {
  const { rows } = await client.query<{ open: boolean }>(
    `SELECT EXISTS (SELECT FROM hook.${name} WHERE is_latest AND outcome IS NULL) AS open`,
  );
  return rows[0]?.open ?? true;
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
