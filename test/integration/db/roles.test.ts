import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { withAccounts } from '../../../db/client.js';
import { startTestDatabase, type TestDatabase } from '../../support/database.js';
import { seedWebhook } from '../../support/rows.js';

const accountId = '11111111-2222-4333-8444-555555555555';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
  // Objects that other services of the platform might have in the same database.
  await database.admin.query(`
    CREATE SCHEMA dlr; CREATE TABLE dlr.receipts (id int); INSERT INTO dlr.receipts VALUES (1);
    CREATE SCHEMA orch; CREATE TABLE orch.jobs (id int);
    CREATE FUNCTION orch.run() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'`);
  await seedWebhook(database.admin, accountId);
});
afterAll(() => database.close());

const ask = async <T extends object>(text: string) => (await database.admin.query<T>(text)).rows;
const asService = (statement: string) => withAccounts(database.db, [accountId], (client) => client.query(statement));

describe('PG-01 what the service’s role is granted, by the catalog', () => {
  test('is four privileges on two tables', async () => {
    const privileges = await ask(
      `SELECT c.oid::regclass::text AS table, array_agg(DISTINCT p ORDER BY p) AS privileges
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
            unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS p
       WHERE n.nspname !~ '^(pg_|information_schema)' AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
         AND has_table_privilege('hook_svc', c.oid, p)
       GROUP BY c.oid ORDER BY 1`,
    );
    const all = ['DELETE', 'INSERT', 'SELECT', 'UPDATE'];
    expect(privileges).toEqual([
      { table: 'hook.delivery_attempts', privileges: all },
      { table: 'hook.webhook_configs', privileges: all },
    ]);
  });

  test('is the use of one schema, and to connect', async () => {
    const [granted] = await ask(
      `SELECT (SELECT array_agg(nspname || ' ' || p ORDER BY 1) FROM pg_namespace, unnest(ARRAY['USAGE', 'CREATE']) AS p
                WHERE nspname !~ '^(pg_|information_schema)' AND has_schema_privilege('hook_svc', oid, p)) AS schemas,
              (SELECT array_agg(p) FROM unnest(ARRAY['CONNECT', 'CREATE', 'TEMPORARY']) AS p
                WHERE has_database_privilege('hook_svc', current_database(), p)) AS database`,
    );
    expect(granted).toEqual({ schemas: ['hook USAGE'], database: ['CONNECT'] });
  });

  test('is no function, no sequence and no other role', async () => {
    const [granted] = await ask(
      `SELECT (SELECT count(*)::int FROM pg_proc WHERE pronamespace = 'hook'::regnamespace AND has_function_privilege('hook_svc', oid, 'EXECUTE')) AS functions,
              (SELECT count(*)::int FROM pg_class WHERE CASE relkind WHEN 'S' THEN has_sequence_privilege('hook_svc', oid, 'USAGE, SELECT, UPDATE') END) AS sequences,
              (SELECT count(*)::int FROM pg_auth_members WHERE member = 'hook_svc'::regrole) AS roles,
              (SELECT count(*)::int FROM pg_class WHERE relowner = 'hook_svc'::regrole) AS owned`,
    );
    expect(granted).toEqual({ functions: 0, sequences: 0, roles: 0, owned: 0 });
  });

  test('has no attribute of power, and limits of time and connections', async () => {
    const [role] = await ask<Record<string, unknown>>(
      `SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls, rolinherit, rolconnlimit > 0 AS limited, rolconfig
       FROM pg_roles WHERE rolname = 'hook_svc'`,
    );
    const { rolconfig, limited, ...attributes } = role ?? {};
    expect(new Set(Object.values(attributes))).toEqual(new Set([false]));
    expect(limited).toBe(true);
    expect(rolconfig).toEqual(
      expect.arrayContaining(['search_path=pg_catalog, pg_temp', 'statement_timeout=5s', 'log_error_verbosity=terse']),
    );
  });

  test('belongs to tables that an owner without a login owns, under forced row security', async () => {
    const owners = await ask(
      `SELECT DISTINCT relowner::regrole::text AS owner, rolcanlogin AS login, relforcerowsecurity AS forced
       FROM pg_class JOIN pg_roles r ON r.oid = relowner
       WHERE pg_class.oid IN ('hook.webhook_configs'::regclass, 'hook.delivery_attempts'::regclass)`,
    );
    expect(owners).toEqual([{ owner: 'hook_owner', login: false, forced: true }]);
  });
});

describe('PG-01 the service’s role is refused', () => {
  test.each([
    ['another service’s receipts', 'SELECT * FROM dlr.receipts'],
    ['another service’s jobs', 'INSERT INTO orch.jobs VALUES (1)'],
    ['another service’s functions', 'SELECT orch.run()'],
    ['a partition behind the policy of its table', 'SELECT * FROM hook.delivery_attempts_default'],
    ['the migrations', 'SELECT * FROM hook.schema_migrations'],
    ['the function of partitions', `SELECT hook.ensure_attempt_partitions(now()::date, 1)`],
    ['emptying a table', 'TRUNCATE hook.delivery_attempts'],
    ['dropping a table', 'DROP TABLE hook.webhook_configs'],
    ['switching row security off', 'ALTER TABLE hook.webhook_configs DISABLE ROW LEVEL SECURITY'],
    ['switching the limit off', 'ALTER TABLE hook.webhook_configs DISABLE TRIGGER webhook_limit'],
    ['switching every trigger off', `SET LOCAL session_replication_role = 'replica'`],
    ['a policy of its own', 'CREATE POLICY mine ON hook.webhook_configs USING (true)'],
    ['a table of its own', 'CREATE TABLE hook.mine (id int)'],
    ['a temporary table', 'CREATE TEMPORARY TABLE mine (id int)'],
    ['a schema of its own', 'CREATE SCHEMA mine'],
    ['a role of its own', 'CREATE ROLE mine'],
    ['the owner’s role', 'SET ROLE hook_owner'],
    ['the migration’s role', 'SET ROLE hook_migrate'],
    ['passwords', 'SELECT rolpassword FROM pg_authid'],
    ['the server’s files', `SELECT pg_read_file('/etc/passwd')`],
    ['the server’s shell', `COPY (SELECT 1) TO PROGRAM 'true'`],
  ])('%s', async (_, statement) => {
    await expect(asService(statement)).rejects.toMatchObject({ name: 'DatabaseError', code: '42501' });
  });

  test('and allowed what it is for', async () => {
    expect((await asService('SELECT id FROM hook.webhook_configs')).rowCount).toBe(1);
    expect((await asService('UPDATE hook.webhook_configs SET description = NULL')).rowCount).toBe(1);
    expect((await asService('DELETE FROM hook.delivery_attempts')).rowCount).toBe(0);
  });
});

test('PUBLIC may not connect to this database or create objects in it', async () => {
  const [open] = await ask(
    `SELECT has_database_privilege('public', current_database(), 'CONNECT') AS connect,
            has_database_privilege('public', current_database(), 'TEMPORARY') AS temporary,
            has_schema_privilege('public', 'public', 'CREATE') AS create`,
  );
  expect(open).toEqual({ connect: false, temporary: false, create: false });
});
