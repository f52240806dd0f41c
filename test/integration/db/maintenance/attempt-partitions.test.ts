import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { maintainPartitions, type MaintainPartitionsOptions } from '../../../../db/maintenance/attempt-partitions.js';
import { createPool, type Database } from '../../../../db/client.js';
import { firstDeliveryIdAt } from '../../../../domain/delivery/delivery-id.js';
import { startTestDatabase, type TestDatabase } from '../../../support/database.js';

const DAY = 86_400_000;
/** Mondays far from the partitions that the migrations create. */
const MONDAY = Date.parse('2021-03-01T00:00:00Z');
const NEXT_MONDAY = MONDAY + 7 * DAY;
const plan: MaintainPartitionsOptions = {
  nowMs: MONDAY,
  weeksAhead: 1,
  retentionDays: undefined,
  dryRun: false,
  force: false,
};

let database: TestDatabase;
let owner: Database;
beforeAll(async () => {
  database = await startTestDatabase();
  owner = createPool(
    { url: database.migrateUrl, tls: false, poolMax: 2, applicationName: 'partitions', purpose: 'maintenance' },
    () => undefined,
  );
});
afterAll(async () => {
  await owner.end();
  await database.close();
});

const maintain = (change: Partial<MaintainPartitionsOptions> = {}) => maintainPartitions(owner, { ...plan, ...change });
/** The partitions of the weeks that this suite uses. */
const partitions = async () => {
  const { rows } = await database.admin.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relname ~ '^delivery_attempts_2021' AND relkind = 'r' ORDER BY 1`,
  );
  return rows.map(({ name }) => name.slice(-8));
};
const INSERT = `INSERT INTO hook.delivery_attempts (delivery_id, attempt_number, webhook_id, account_id, event_id, event_type,
    trigger, status, outcome, workflow_id)
  SELECT overlay($1::text placing lpad(to_hex(n), 12, '0') from 25)::uuid, 1, $1::uuid, $1::uuid, 'e', 't', 'dispatch', $2, $3, 'w'
  FROM generate_series(1, $4::int) AS n`;
const insert = (atMs: number, outcome: 'delivered' | null, count = 1) =>
  database.admin.query(INSERT, [firstDeliveryIdAt(atMs), outcome ? 'succeeded' : 'pending', outcome, count]);
const names = (list: readonly { name: string }[]) => list.map(({ name }) => name.slice(-8));
/** The day after which both weeks ended more than 30 days ago. */
const old = { nowMs: NEXT_MONDAY + 37 * DAY, retentionDays: 30, ahead: 1 };

describe('partitions', () => {
  test('are made for the week of the day and so many ahead, once', async () => {
    expect((await maintain({ dryRun: true })).made).toBe(2);
    expect(await partitions()).toEqual([]);
    expect((await maintain()).made).toBe(2);
    expect(await partitions()).toEqual(['20210301', '20210308']);
    expect((await maintain()).made).toBe(0);
  });

  test('of weeks that ended within the retention stay, to the millisecond', async () => {
    await maintain();
    const ended = NEXT_MONDAY + 30 * DAY;
    const { dropped } = await maintain({ ...old, nowMs: ended - 1, dryRun: true });
    expect(names(dropped)).not.toContain('20210301');
    expect(names((await maintain({ ...old, nowMs: ended, dryRun: true })).dropped)).toEqual(['20210301']);
    expect(await partitions()).toContain('20210301');
  });

  test('with a delivery that has no outcome yet are kept, unless it is forced', async () => {
    await maintain();
    await insert(MONDAY + 3 * DAY, 'delivered');
    await insert(NEXT_MONDAY, null);
    const { dropped, kept } = await maintain(old);
    expect([names(dropped), names(kept)]).toEqual([['20210301'], ['20210308']]);
    expect(await partitions()).not.toContain('20210301');
    expect(names((await maintain({ ...old, force: true })).dropped)).toEqual(['20210308']);
  });

  test('of the time that migrations look after are never dropped by a retention of two weeks', async () => {
    const { dropped } = await maintain({ nowMs: Date.now(), retentionDays: 14, dryRun: true });
    expect(dropped.every(({ endMs }) => endMs <= Date.now() - 14 * DAY)).toBe(true);
  });

  test('are maintained by several at once without harm', async () => {
    const both = await Promise.all([maintain(), maintain()]);
    expect(both.map(({ made }) => made).sort()).toEqual([0, 2]);
  });
});

describe('dropping a partition', () => {
  test('waits for a reader of the table without making writers wait behind it', async () => {
    await maintain();
    const reader = await database.admin.connect();
    await reader.query('BEGIN; SELECT count(*) FROM hook.delivery_attempts');
    const dropping = maintain(old);
    const { rowCount } = await insert(Date.now(), 'delivered');
    expect(rowCount).toBe(1);
    await reader.query('COMMIT');
    reader.release();
    expect(names((await dropping).dropped)).toEqual(['20210301', '20210308']);
  });

  test('touches none of its rows, so it takes no longer with millions of them', async () => {
    await maintain();
    await insert(MONDAY, 'delivered', 1_000);
    await database.admin.query(`
      CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'a row was touched'; END $$;
      CREATE TRIGGER refuse BEFORE DELETE OR UPDATE ON hook.delivery_attempts_20210301 FOR EACH ROW EXECUTE FUNCTION public.refuse();
    `);
    const { dropped } = await maintain(old);
    expect(names(dropped)).toEqual(['20210301', '20210308']);
    expect(dropped[0]!.bytes).toBeGreaterThan(100_000);
  });
});
