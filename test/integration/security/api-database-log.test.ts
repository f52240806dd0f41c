import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Request } from 'express';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { parsePathId } from '../../../api/identity.js';
import { recordDeliveries } from '../../../db/delivery-path/record-deliveries.js';
import { deleteWebhook, replaceWebhook } from '../../../db/webhooks/change-webhook.js';
import { insertWebhook } from '../../../db/webhooks/webhooks.js';
import { startParts, type Parts } from '../../../local/start-parts.js';
import { createPool, type Database, withAccounts } from '../../../db/client.js';
import { runMigrations } from '../../../db/maintenance/migrate.js';
import { packageRoot } from '../../../local/process/package-root.js';
import { eventually } from '../../support/eventually.js';

const CANARY = `canary${randomUUID().replaceAll('-', '')}`;
const PHONE = '+999071234567';
const account = randomUUID();

let parts: Parts<'postgres'>;
let db: Database;
let admin: pg.Pool;
const open = (url: string) => createPool({ url, tls: false, poolMax: 2, applicationName: 'test' }, () => undefined);
beforeAll(async () => {
  parts = await startParts({ with: ['postgres'], log: () => undefined, env: process.env });
  const { migrateUrl, serviceUrl, adminUrl } = await parts.prepareDatabase();
  const migrator = open(migrateUrl);
  await runMigrations(migrator, `${packageRoot()}/db/migrations`);
  await migrator.end();
  db = open(serviceUrl);
  admin = new pg.Pool({ connectionString: adminUrl, max: 2 });
  // The most verbose log that an operator can configure.
  for (const setting of ["log_statement = 'all'", 'log_min_duration_statement = 0', 'log_min_messages = debug1'])
    await admin.query(`ALTER SYSTEM SET ${setting}`);
  await admin.query('SELECT pg_reload_conf()');
});
afterAll(async () => {
  await Promise.all([db.end(), admin.end()]);
  await parts.stop();
});

/** Everything that the server logged while `work` ran. A statement of the test marks the end. */
async function loggedDuring(work: () => Promise<unknown>): Promise<string> {
  const whole = () => readFile(parts.postgres.logFile ?? '', 'utf8');
  const before = (await whole()).length;
  await work();
  const marker = randomUUID();
  await admin.query(`SELECT '${marker}'`);
  return await eventually(async () => {
    const text = (await whole()).slice(before);
    return text.includes(marker) && text;
  });
}
const ofUs = (text: string) => [CANARY, PHONE.slice(1)].filter((canary) => text.includes(canary));
/** The SQLSTATE that a statement of the service's role ended with. */
const refusal = async (text: string, ...values: unknown[]): Promise<string> => {
  try {
    await withAccounts(db, [account], (client) => client.query({ text, values }));
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'none';
};

/** Parses an id as a route does. */
const idFrom = (id: string) => parsePathId({ params: { id } } as unknown as Request);

const COLUMNS = 'hook.webhook_configs (id, account_id, url, description, secret_enc, status)';
const INSERT = `INSERT INTO ${COLUMNS} VALUES ($1, $2, $3, $4, $5, $6)`;
const row = (change: Record<number, unknown>) =>
  [randomUUID(), account, CANARY, PHONE, Buffer.from(CANARY), 'enabled'].map((value, i) =>
    i in change ? change[i] : value,
  );
const attempt = `INSERT INTO hook.delivery_attempts (delivery_id, attempt_number, webhook_id, account_id, event_id, event_type,
  trigger, status, workflow_id, payload_snapshot, response_body_preview) VALUES ($1, 1, $1, $2, $3, $3, 'dispatch', $4, $3, $5, $6)`;

describe('LEAK-05 the log of the server, as talkative as it can be made, holds no value of', () => {
  test.each<[name: string, sqlState: string, text: string, values: () => unknown[]]>([
    ['a row without a URL', '23502', INSERT, () => row({ 2: null })],
    ['a row with a wrong status', '23514', INSERT, () => row({ 5: CANARY })],
    ['a row of another account', '42501', INSERT, () => row({ 1: randomUUID() })],
    [
      'a payload that is no JSON',
      '22P02',
      attempt,
      () => [randomUUID(), account, CANARY, 'pending', `{"to":"${PHONE}"`, ''],
    ],
    [
      'a payload with U+0000',
      '22P05',
      attempt,
      () => [randomUUID(), account, CANARY, 'pending', `{"to":"${PHONE}\\u0000"}`, ''],
    ],
    [
      'a preview that is too long',
      '22001',
      attempt,
      () => [randomUUID(), account, CANARY, 'pending', '{}', CANARY.repeat(20)],
    ],
    ['a preview with U+0000', '22021', attempt, () => [randomUUID(), account, CANARY, 'pending', '{}', `${CANARY}\0`]],
    [
      'an attempt with a wrong status',
      '23514',
      attempt,
      () => [randomUUID(), account, CANARY, CANARY, `{"to":"${PHONE}"}`, ''],
    ],
  ])('%s', async (_name, sqlState, text, values) => {
    let refused = '';
    const log = await loggedDuring(async () => (refused = await refusal(text, ...values())));
    expect(refused).toBe(sqlState);
    expect(log).toContain('ERROR:  ');
    expect(ofUs(log)).toEqual([]);
  });

  test('a row that exists already', async () => {
    const twice = row({ 2: `https://${CANARY}.example.com/` });
    const log = await loggedDuring(async () => {
      expect([await refusal(INSERT, ...twice), await refusal(INSERT, ...twice)]).toEqual(['none', '23505']);
    });
    expect(ofUs(log)).toEqual([]);
  });

  test('what the service writes and is refused', async () => {
    const webhook = {
      id: randomUUID(),
      url: CANARY,
      description: PHONE,
      eventTypes: [CANARY],
      metadata: { [PHONE]: CANARY },
      rateLimit: null,
      idempotency: { key: CANARY, digest: Buffer.from(PHONE) },
      secretEnc: Buffer.from(CANARY),
    };
    const events = [{ eventId: 'e', eventType: 'a.b', timestamp: '2026-11-23T10:00:00Z', position: null }];
    const raw = `{"data":{"to":"${PHONE}","x":"\\u0000${CANARY}"}}`;
    const message = { accountId: account, workflowId: CANARY, receivedAtMs: Date.now(), raw, events };
    const log = await loggedDuring(async () => {
      await insertWebhook(db, account, webhook);
      await expect(insertWebhook(db, account, { ...webhook, idempotency: undefined })).rejects.toMatchObject({
        code: '23505',
      });
      await replaceWebhook(db, account, { ...webhook, secretEnc: Buffer.from(PHONE), gracePeriodSeconds: 60 });
      await expect(recordDeliveries(db, [message])).rejects.toMatchObject({ kind: 'refused_value' });
    });
    expect(log).toContain('insert into "hook"."webhook_configs"');
    expect(ofUs(log)).toEqual([]);
  });

  test('an id that is none: the server would print it in the message itself, so it does not get there', async () => {
    const log = await loggedDuring(async () => {
      await expect(withAccounts(db, [CANARY], () => Promise.resolve())).rejects.toThrow('an account id must be');
      await expect(Promise.resolve().then(() => deleteWebhook(db, account, { id: idFrom(CANARY) }))).rejects.toThrow(
        'not_found',
      );
    });
    expect(ofUs(log)).toEqual([]);
    const careless = await loggedDuring(() => refusal(INSERT, ...row({ 0: CANARY })));
    expect(ofUs(careless)).toEqual([CANARY]);
  });

  test('and without the role’s settings it would: an administrator’s same mistakes are printed', async () => {
    const log = await loggedDuring(() =>
      admin.query(INSERT, row({ 2: null, 3: `${PHONE} ${CANARY}` })).catch(() => undefined),
    );
    expect(ofUs(log)).toEqual([CANARY, PHONE.slice(1)]);
  });

  test('the service cannot undo it', async () => {
    for (const setting of ['log_error_verbosity = verbose', 'log_parameter_max_length = -1', 'log_statement = none'])
      expect(await refusal(`SET ${setting}`)).toBe('42501');
  });
});
