import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import type { DatabaseError } from '../../../../db/errors.js';
import { withAccountOrm } from '../../../../db/with-account-orm.js';
import { webhookConfigs } from '../../../../db/schema.js';
import { deleteWebhook, replaceWebhook } from '../../../../db/webhooks/change-webhook.js';
import type { WebhookRecord } from '../../../../db/webhooks/webhook-record.js';
import { findEnvelope, findWebhook, insertWebhook, listWebhooks } from '../../../../db/webhooks/webhooks.js';
import { startTestDatabase, type TestDatabase } from '../../../support/database.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.close());

let account: string;
beforeEach(() => {
  account = randomUUID();
});
const open = { description: null, eventTypes: null, metadata: {}, rateLimit: null };
const content = { ...open, url: 'https://a.example.com/' };
const insert = async (accountId = account, id = randomUUID()) =>
  (await insertWebhook(database.db, accountId, { ...content, id, secretEnc: randomBytes(40) })) as WebhookRecord;

const failureOf = async (work: Promise<unknown>): Promise<DatabaseError> => {
  try {
    await work;
  } catch (error) {
    return error as DatabaseError;
  }
  throw new Error('it was expected to throw');
};

describe('an account’s webhooks', () => {
  test('are found, listed, replaced and removed by their account only', async () => {
    const { id } = await insert();
    const stranger = randomUUID();
    expect(await findWebhook(database.db, account, id)).toMatchObject({ id, secretVersion: 1 });
    expect(await findWebhook(database.db, stranger, id)).toBeUndefined();
    expect(await listWebhooks(database.db, stranger, { limit: 10 })).toEqual([]);
    expect(await replaceWebhook(database.db, stranger, { ...content, id, url: 'https://evil/' })).toBeUndefined();
    expect(await deleteWebhook(database.db, stranger, { id })).toBe(false);
    expect(await findEnvelope(database.db, stranger)).toBeUndefined();
    expect(await deleteWebhook(database.db, account, { id })).toBe(true);
    expect(await deleteWebhook(database.db, account, { id })).toBe(false);
    expect(await findWebhook(database.db, account, id)).toBeUndefined();
  });

  test('never come with what signs for them', async () => {
    const { id } = await insert();
    const replacement = { ...content, id, secretEnc: randomBytes(40) };
    const rows = [
      await findWebhook(database.db, account, id),
      ...(await listWebhooks(database.db, account, { limit: 10 })),
      await replaceWebhook(database.db, account, replacement),
    ];
    for (const row of rows) expect(row).not.toHaveProperty('secretEnc');
    expect(rows.at(-1)).toMatchObject({ secretVersion: 2 });
  });

  test('give the newest envelope of the webhooks that are not deleted', async () => {
    const [first, second] = [await insert(), await insert()];
    const [older, sealed] = [randomBytes(40), randomBytes(40)];
    await replaceWebhook(database.db, account, { ...content, id: second.id, secretEnc: older });
    await replaceWebhook(database.db, account, { ...content, id: first.id, secretEnc: sealed });
    expect(await findEnvelope(database.db, account)).toEqual(sealed);
    await deleteWebhook(database.db, account, { id: first.id });
    expect(await findEnvelope(database.db, account)).toEqual(older);
    await deleteWebhook(database.db, account, { id: second.id });
    expect(await findEnvelope(database.db, account)).toBeUndefined();
  });

  test('forget how slow the old URL was, when there is another', async () => {
    const { id } = await insert();
    const slow = async () =>
      (await database.admin.query('SELECT slow_until FROM hook.webhook_configs WHERE id = $1', [id])).rows[0];
    await database.admin.query(`UPDATE hook.webhook_configs SET slow_until = now() + interval '1 h' WHERE id = $1`, [
      id,
    ]);
    await replaceWebhook(database.db, account, { ...content, id, description: 'new' });
    expect((await slow()).slow_until).toBeInstanceOf(Date);
    await replaceWebhook(database.db, account, { ...content, id, url: 'https://b.example.com/' });
    expect(await slow()).toEqual({ slow_until: null });
  });
});

describe('row level security alone', () => {
  test('keeps accounts apart where a condition is forgotten', async () => {
    await insert();
    const rows = await withAccountOrm(database.db, randomUUID(), (orm) => orm.select().from(webhookConfigs));
    expect(rows).toEqual([]);
  });

  test('refuses a row for another account', async () => {
    const foreign = { ...content, id: randomUUID(), accountId: randomUUID(), secretEnc: randomBytes(40) };
    const error = await failureOf(
      withAccountOrm(database.db, account, (orm) => orm.insert(webhookConfigs).values(foreign)),
    );
    expect(error.code).toBe('42501');
  });
});

describe('a failed statement', () => {
  test('is told by code and constraint, without any of its values', async () => {
    const { id } = await insert();
    const canary = 'https://canary.example.com/';
    const again = insertWebhook(database.db, account, { ...content, id, url: canary, secretEnc: randomBytes(40) });
    const error = await failureOf(again);
    expect(error).toMatchObject({ kind: 'constraint', code: '23505', constraint: 'webhook_configs_pkey' });
    expect(inspect(error, { depth: 10, showHidden: true })).not.toMatch(/canary|secret_enc/);
  });

  test('undoes what its transaction did before', async () => {
    const id = randomUUID();
    const work = withAccountOrm(database.db, account, async (orm) => {
      const values = { ...content, id, accountId: account, secretEnc: randomBytes(40) };
      await orm.insert(webhookConfigs).values(values);
      await orm.insert(webhookConfigs).values(values);
    });
    expect((await failureOf(work)).code).toBe('23505');
    expect(await findWebhook(database.db, account, id)).toBeUndefined();
  });

  test('is told by the trigger’s constraint for the eleventh webhook', async () => {
    for (let i = 0; i < 10; i++) await insert();
    const error = await failureOf(insert());
    expect(error).toMatchObject({ kind: 'constraint', constraint: 'webhook_configs_max_10_per_account' });
  });
});
