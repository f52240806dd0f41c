import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { createPool, type Database } from '../../../../db/client.js';
import { firstDeliveryIdAt } from '../../../../domain/delivery/delivery-id.js';
import { runMigrations } from '../../../../db/maintenance/migrate.js';
import { packageRoot } from '../../../../local/process/package-root.js';
import { startTestDatabase, type TestDatabase } from '../../../support/database.js';

const folder = join(packageRoot(), 'db', 'migrations');
const DAY = 86_400_000;
const WEEK = 7 * DAY;
/** The Monday of a week, in UTC; 1970-01-01 was a Thursday. */
const mondayOf = (timeMs: number) => Math.floor((timeMs - 4 * DAY) / WEEK) * WEEK + 4 * DAY;
const nameOf = (monday: number) =>
  `delivery_attempts_${new Date(monday).toISOString().slice(0, 10).replaceAll('-', '')}`;

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.close());

async function asMigrator<T>(url: string, work: (db: Database) => Promise<T>): Promise<T> {
  const db = createPool({ url, tls: false, poolMax: 4, applicationName: 'migrate' }, () => undefined);
  try {
    return await work(db);
  } finally {
    await db.end();
  }
}

const ask = async <T extends object>(text: string, values: unknown[] = []) =>
  (await database.admin.query<T>(text, values)).rows;

const partitions = async () =>
  (
    await ask<{ name: string }>(`SELECT inhrelid::regclass::text AS name FROM pg_inherits
     WHERE inhparent = 'hook.delivery_attempts'::regclass ORDER BY 1`)
  ).map(({ name }) => name.replace('hook.', ''));

const ensure = (firstDay: string, weeks: number) =>
  asMigrator(database.migrateUrl, async (db) => {
    await db.query('SET ROLE hook_owner');
    const { rows } = await db.query<{ made: number }>('SELECT hook.ensure_attempt_partitions($1, $2) AS made', [
      firstDay,
      weeks,
    ]);
    return rows[0]?.made;
  });

const insertAt = async (timeMs: number) => {
  const id = firstDeliveryIdAt(timeMs);
  await ask(
    `INSERT INTO hook.delivery_attempts (delivery_id, attempt_number, webhook_id, account_id, event_id, event_type, trigger, status, workflow_id)
     VALUES ($1, 1, $1, $1, 'e', 't', 'dispatch', 'pending', 'w')`,
    [id],
  );
  return id;
};
const partitionOf = async (id: string) =>
  (
    await ask<{ name: string }>(
      'SELECT tableoid::regclass::text AS name FROM hook.delivery_attempts WHERE delivery_id = $1',
      [id],
    )
  )[0]?.name;

describe('migrations', () => {
  test('run again change nothing', async () => {
    const before = await partitions();
    const result = await asMigrator(database.migrateUrl, (db) => runMigrations(db, folder));
    expect(result).toEqual({ partitionsMade: 0 });
    expect(await partitions()).toEqual(before);
  });

  test('run by several at once are done once', async () => {
    const fresh = await database.another();
    await fresh.admin.query('DROP SCHEMA hook CASCADE; CREATE SCHEMA hook AUTHORIZATION hook_owner');
    await asMigrator(fresh.migrateUrl, (db) => Promise.all(Array.from({ length: 4 }, () => runMigrations(db, folder))));
    const { rows } = await fresh.admin.query<{ times: string }>(
      'SELECT count(*) AS times FROM hook.schema_migrations GROUP BY hash',
    );
    expect(rows.length).toBeGreaterThanOrEqual(3);
    expect(new Set(rows.map(({ times }) => times))).toEqual(new Set(['1']));
  });

  test('that fail tell a code, and neither statement nor file', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'migrations-'));
    try {
      const url = database.serviceUrl;
      const error = await asMigrator(url, (db) => runMigrations(db, folder)).catch((e: unknown) => e);
      expect(error).toMatchObject({ name: 'DatabaseError', kind: 'misconfigured', code: '42501' });
      expect(inspect(error, { depth: 10, showHidden: true })).not.toMatch(/SET ROLE|hook_owner/);
      const missing = await asMigrator(database.migrateUrl, (db) => runMigrations(db, empty)).catch((e: unknown) => e);
      expect(missing).toMatchObject({ name: 'DatabaseError' });
    } finally {
      await rm(empty, { recursive: true });
    }
  });

  test('of a server that is away tell so', async () => {
    const url = 'postgres://nobody@127.0.0.1:1/nothing';
    const error = await asMigrator(url, (db) => runMigrations(db, folder)).catch((e: unknown) => e);
    expect(error).toMatchObject({ name: 'DatabaseError', kind: 'unavailable' });
  });
});

describe('partitions', () => {
  test('are made from two weeks ago to seven weeks ahead, and one for the rest', async () => {
    const first = mondayOf(Date.now() - 2 * WEEK);
    const weeks = Array.from({ length: 10 }, (_, n) => nameOf(first + n * WEEK));
    expect(await partitions()).toEqual([...weeks, 'delivery_attempts_default']);
  });

  test('begin on Monday at midnight UTC', async () => {
    const monday = mondayOf(Date.now());
    const [last, first] = [await insertAt(monday - 1), await insertAt(monday)];
    expect([await partitionOf(last), await partitionOf(first)]).toEqual([
      `hook.${nameOf(monday - WEEK)}`,
      `hook.${nameOf(monday)}`,
    ]);
  });

  test('are created once a week, for any first day', async () => {
    expect(await ensure('2031-01-08', 2)).toBe(2);
    expect(await ensure('2031-01-06', 2)).toBe(0);
    expect(await ensure('2031-01-12', 3)).toBe(1);
    expect((await partitions()).filter((name) => name.includes('2031'))).toEqual([
      'delivery_attempts_20310106',
      'delivery_attempts_20310113',
      'delivery_attempts_20310120',
    ]);
  });

  test('that are made late take over what has waited for them, and nothing else', async () => {
    const monday = Date.UTC(2033, 0, 3);
    const ids = [await insertAt(monday - 1), await insertAt(monday), await insertAt(monday + WEEK - 1)];
    expect(new Set(await Promise.all(ids.map(partitionOf)))).toEqual(new Set(['hook.delivery_attempts_default']));
    expect(await ensure('2033-01-03', 1)).toBe(1);
    const own = 'hook.delivery_attempts_20330103';
    expect(await Promise.all(ids.map(partitionOf))).toEqual(['hook.delivery_attempts_default', own, own]);
    await expect(insertAt(monday)).rejects.toMatchObject({ code: '23505' });
  });

  test('made late are like the others, indexes, checks and privileges', async () => {
    const monday = Date.UTC(2034, 0, 2);
    await insertAt(monday);
    await ensure('2034-01-02', 1);
    const like = (table: string) =>
      ask(
        `SELECT (SELECT count(*) FROM pg_index WHERE indrelid = c.oid) AS indexes, relacl AS acl, relowner::regrole AS owner,
                (SELECT array_agg(pg_get_constraintdef(oid) ORDER BY conname) FROM pg_constraint WHERE conrelid = c.oid) AS constraints
         FROM pg_class c WHERE c.oid = $1::regclass`,
        [table],
      );
    expect(await like('hook.delivery_attempts_20340102')).toEqual(await like(`hook.${nameOf(mondayOf(Date.now()))}`));
  });
});
