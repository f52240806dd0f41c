import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { withAccounts } from '../../../db/client.js';
import { recordDeliveries } from '../../../db/delivery-path/record-deliveries.js';
import { startTestDatabase, type TestDatabase } from '../../support/database.js';
import { messageOf, seedWebhook } from '../../support/rows.js';

let database: TestDatabase;
let [mine, theirs] = ['', ''];
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  [mine, theirs] = [randomUUID(), randomUUID()];
  for (const account of [mine, theirs]) {
    await seedWebhook(database.admin, account);
    await recordDeliveries(database.db, [messageOf(account)]);
  }
});

const TABLES = ['hook.webhook_configs', 'hook.delivery_attempts'];
const as = (accounts: string[], statement: string) =>
  withAccounts(database.db, accounts, (client) => client.query(statement));

describe.each(TABLES)('PG-03 with every condition forgotten, of %s', (table) => {
  test('only the rows of the accounts at hand are seen', async () => {
    const seen = async (...accounts: string[]) =>
      (await as(accounts, `SELECT account_id FROM ${table}`)).rows.map((row: { account_id: string }) => row.account_id);
    expect(await seen(mine)).toEqual([mine]);
    expect((await seen(mine, theirs)).sort()).toEqual([mine, theirs].sort());
    expect(await seen(randomUUID())).toEqual([]);
    expect(await seen()).toEqual([]);
  });

  test('nothing is seen outside of a transaction, also on a connection that has had accounts', async () => {
    const client = await database.db.connect();
    try {
      const count = async () => (await client.query(`SELECT FROM ${table}`)).rowCount;
      expect(await count()).toBe(0);
      await client.query(`BEGIN; SELECT set_config('hook.account_ids', '${mine}', true)`);
      expect(await count()).toBe(1);
      await client.query('COMMIT');
      expect(await count()).toBe(0);
    } finally {
      client.release();
    }
  });

  test('nothing of another account is changed or removed', async () => {
    expect((await as([mine], `UPDATE ${table} SET created_at = now() WHERE account_id = '${theirs}'`)).rowCount).toBe(
      0,
    );
    expect((await as([mine], `DELETE FROM ${table} WHERE account_id = '${theirs}'`)).rowCount).toBe(0);
    expect((await as([theirs], `SELECT FROM ${table}`)).rowCount).toBe(1);
  });

  test('no row is given to another account', async () => {
    const giving = as([mine], `UPDATE ${table} SET account_id = '${theirs}'`);
    await expect(giving).rejects.toMatchObject({ code: '42501' });
  });
});

test('PG-03 no row is written for another account', async () => {
  const writing = as(
    [mine],
    `INSERT INTO hook.webhook_configs (id, account_id, url, secret_enc) VALUES (gen_random_uuid(), '${theirs}', 'https://a/', '')`,
  );
  await expect(writing).rejects.toMatchObject({ code: '42501' });
});

test.each([`' OR true --`, 'x', '', '11111111-2222-4333-8444-55555555555G', `${randomUUID()},${randomUUID()}`])(
  'an account id that is not one (%p) reaches no statement',
  async (account) => {
    await expect(as([account], 'SELECT 1')).rejects.toThrow(/lower-case UUID/);
  },
);

describe('PG-04 ten webhooks an account, at most', () => {
  const insert = (client: Pick<pg.Client, 'query'>, account: string, rows = 1) =>
    client.query(
      `INSERT INTO hook.webhook_configs (id, account_id, url, secret_enc)
       SELECT gen_random_uuid(), '${account}', 'https://a.example.com/', '' FROM generate_series(1, ${String(rows)})`,
    );
  const liveOf = async (account: string) => {
    const text = 'SELECT count(*)::int AS live FROM hook.webhook_configs WHERE account_id = $1 AND deleted_at IS NULL';
    return (await database.admin.query<{ live: number }>(text, [account])).rows[0]?.live;
  };
  const limit = { code: '23514', constraint: 'webhook_configs_max_10_per_account' };

  test('also when forty come at once', async () => {
    const account = randomUUID();
    const clients = await Promise.all(
      Array.from({ length: 40 }, async () => {
        const client = new pg.Client({
          connectionString: database.serviceUrl,
          lock_timeout: 30_000,
          statement_timeout: 30_000,
        });
        await client.connect();
        await client.query(`SELECT set_config('hook.account_ids', '${account}', false)`);
        return client;
      }),
    );
    // Without the lock, all transactions would count before any of them commits.
    const insertSlowly = async (client: pg.Client) => {
      await client.query('BEGIN');
      await insert(client, account);
      await client.query('SELECT pg_sleep(0.1); COMMIT');
    };
    const results = await Promise.allSettled(clients.map(insertSlowly));
    await Promise.all(clients.map((client) => client.end()));
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    expect(await liveOf(account)).toBe(10);
    expect(refused).toHaveLength(30);
    for (const reason of refused) expect(reason).toMatchObject(limit);
  }, 60_000);

  test('also as one statement of eleven rows, which is refused as a whole', async () => {
    const account = randomUUID();
    await expect(
      withAccounts(database.db, [account], (client) => insert(client as pg.Client, account, 11)),
    ).rejects.toMatchObject(limit);
    expect(await liveOf(account)).toBe(0);
    await withAccounts(database.db, [account], (client) => insert(client as pg.Client, account, 10));
    expect(await liveOf(account)).toBe(10);
  });

  test('also by reviving a removed one or taking one over', async () => {
    const [account, other] = [randomUUID(), randomUUID()];
    await insert(database.admin, account, 10);
    await database.admin.query(`UPDATE hook.webhook_configs SET deleted_at = now() WHERE id IN
      (SELECT id FROM hook.webhook_configs WHERE account_id = '${account}' LIMIT 1)`);
    await insert(database.admin, account);
    const revive = `UPDATE hook.webhook_configs SET deleted_at = NULL WHERE account_id = '${account}'`;
    await expect(database.admin.query(revive)).rejects.toMatchObject(limit);
    await insert(database.admin, other);
    const takeOver = `UPDATE hook.webhook_configs SET account_id = '${account}' WHERE account_id = '${other}'`;
    await expect(database.admin.query(takeOver)).rejects.toMatchObject(limit);
    expect(await liveOf(account)).toBe(10);
  });

  test.each(['REPEATABLE READ', 'SERIALIZABLE'])(
    'in no transaction that would not see the others (%s)',
    async (level) => {
      const account = randomUUID();
      const client = await database.admin.connect();
      try {
        await client.query(`BEGIN ISOLATION LEVEL ${level}`);
        await expect(insert(client, account)).rejects.toMatchObject({ code: '25000' });
        await client.query('ROLLBACK');
      } finally {
        client.release();
      }
    },
  );

  test('for each account of its own', async () => {
    const [account, other] = [randomUUID(), randomUUID()];
    await insert(database.admin, account, 10);
    await insert(database.admin, other, 10);
    expect([await liveOf(account), await liveOf(other)]).toEqual([10, 10]);
  });
});
