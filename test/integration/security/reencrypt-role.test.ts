import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import pg from 'pg';
import { packageRoot } from '../../../local/process/package-root.js';
import { deployedSql, startKeyChange, type KeyChange, type KnownWebhook } from '../../support/key-change.js';

let change: KeyChange;
beforeAll(async () => void (change = await startKeyChange()));
afterAll(() => change.close());
beforeEach(() => change.database.admin.query('DELETE FROM hook.webhook_configs'));

const codeOf = (pool: pg.Pool, text: string): Promise<string> =>
  pool.query(text).then(
    ({ rowCount }) => `${String(rowCount)} rows`,
    (error: unknown) => (error as { code: string }).code,
  );

describe('the role hook_keys', () => {
  test('sees and changes the envelopes of every account', async () => {
    await change.store({ kms: change.kms.old });
    await change.store({ kms: change.kms.old });
    const { keysDb } = change;
    expect(await codeOf(keysDb, 'SELECT id, account_id, secret_enc, secret_prev_enc FROM hook.webhook_configs')).toBe(
      '2 rows',
    );
    expect(
      await codeOf(
        keysDb,
        'UPDATE hook.webhook_configs SET secret_enc = secret_enc, secret_prev_enc = secret_prev_enc',
      ),
    ).toBe('2 rows');
  });

  test.each([
    'SELECT * FROM hook.webhook_configs',
    'SELECT url FROM hook.webhook_configs',
    `UPDATE hook.webhook_configs SET url = 'https://evil.example/'`,
    'UPDATE hook.webhook_configs SET account_id = gen_random_uuid()',
    `INSERT INTO hook.webhook_configs (id, account_id, url, secret_enc) SELECT id, account_id, '', secret_enc FROM hook.webhook_configs`,
    'DELETE FROM hook.webhook_configs',
    'TRUNCATE hook.webhook_configs',
    'SELECT delivery_id FROM hook.delivery_attempts',
    'SELECT * FROM hook.schema_migrations',
    'CREATE TABLE hook.mine (id int)',
    'CREATE TEMP TABLE mine (id int)',
    'SET ROLE hook_owner',
    'SET ROLE hook_svc',
    'ALTER TABLE hook.webhook_configs DISABLE ROW LEVEL SECURITY',
  ])('may not: %s', async (statement) => {
    expect(await codeOf(change.keysDb, statement)).toBe('42501');
  });

  test('does not widen what the service sees', async () => {
    await change.store({ kms: change.kms.old });
    expect(await codeOf(change.database.db, 'SELECT id FROM hook.webhook_configs')).toBe('0 rows');
  });
});

/** The built program, as an operator runs it. */
function run(args: string[], env: Record<string, string> = {}): Promise<{ code: number; output: string }> {
  const { kmsServer, keyArns, keysUrl } = change;
  const variables = {
    PATH: process.env['PATH'],
    NODE_ENV: 'test',
    DATABASE_URL: keysUrl,
    DATABASE_TLS: 'off',
    KMS_KEY_ID: keyArns.new,
    KMS_PREVIOUS_KEY_ID: keyArns.old,
    KMS_ENDPOINT: kmsServer.endpoint,
    AWS_REGION: kmsServer.region,
    AWS_ACCESS_KEY_ID: kmsServer.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: kmsServer.credentials.secretAccessKey,
  };
  const file = join(packageRoot(), 'dist', 'bin', 'keys.js');
  return new Promise((resolve) => {
    execFile(process.execPath, [file, ...args], { env: { ...variables, ...env } }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr });
    });
  });
}

describe('npm run keys -- reencrypt', () => {
  test('counts, rewrites with progress, and has nothing left to do', async () => {
    const [webhook] = (await change.store({ kms: change.kms.old, count: 3 })) as [KnownWebhook];
    const dry = await run(['reencrypt', '--dry-run']);
    expect(dry).toMatchObject({ code: 0, output: expect.stringContaining('"stale":3,"rewritten":0') });
    const real = await run(['reencrypt']);
    expect(real).toMatchObject({ code: 0, output: expect.stringMatching(/"stale":3,"rewritten":3.*"msg":"progress"/) });
    expect(await run(['reencrypt'])).toMatchObject({ output: expect.stringContaining('"stale":0,"rewritten":0') });
    expect(await change.secretOf(change.kms.new, webhook)).toEqual(webhook.secret);
    for (const encoding of ['base64', 'hex'] as const)
      expect(dry.output + real.output).not.toContain(webhook.secret.toString(encoding));
  });

  test('ends with 1 and names the webhook when an envelope does not open', async () => {
    const [webhook] = (await change.store({ kms: change.kms.old })) as [KnownWebhook];
    await change.database.admin.query(`UPDATE hook.webhook_configs SET secret_enc = '\\x00'`);
    expect(await run(['reencrypt'])).toMatchObject({ code: 1, output: expect.stringContaining(webhook.webhookId) });
  });

  test.each(['serviceUrl', 'migrateUrl', 'adminUrl'] as const)('refuses to run as another role (%s)', async (role) => {
    await change.store({ kms: change.kms.old });
    const refused = await run(['reencrypt'], { DATABASE_URL: change.database[role] });
    expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('"code":"NOT_THE_KEYS_ROLE"') });
  });

  test.each([[[]], [['reencrypt', '--before', 'yesterday']], [['reencrypt', '--before', '2999-01-01']], [['decrypt']]])(
    'says how it is used when asked for %j',
    async (args) => {
      expect(await run(args)).toMatchObject({ code: 64, output: expect.stringContaining('Usage: npm run keys') });
    },
  );
});

// This test is last, because the role belongs to the whole server.
describe('the role hook_keys, when the change is over', () => {
  test('is gone with all its rights, and its script can be run again before that', async () => {
    const { admin } = change.database;
    await admin.query(await deployedSql('keys-role.sql'));
    await admin.query(await deployedSql('keys-role-end.sql'));
    const pool = new pg.Pool({ connectionString: change.keysUrl });
    expect(await codeOf(pool, 'SELECT 1')).toBe('28P01');
    await pool.end();
    const left = `SELECT policyname FROM pg_policies WHERE schemaname = 'hook' AND policyname LIKE 'envelopes%'`;
    expect(await codeOf(admin, left)).toBe('0 rows');
  });
});
