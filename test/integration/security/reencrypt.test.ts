import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { replaceEnvelope } from '../../../db/maintenance/webhook-envelopes.js';
import { deleteWebhook, replaceWebhook } from '../../../db/webhooks/change-webhook.js';
import { findEnvelope } from '../../../db/webhooks/webhooks.js';
import { parseEnvelope } from '../../../domain/security/envelope.js';
import type { ReencryptDeps } from '../../../keys/reencrypt.js';
import { createSecretBox } from '../../../keys/secret-box.js';
import { dataKeysOf, startKeyChange, type KeyChange, type KnownWebhook } from '../../support/key-change.js';

let change: KeyChange;
beforeAll(async () => void (change = await startKeyChange()));
afterAll(() => change.close());
beforeEach(() => change.database.admin.query('DELETE FROM hook.webhook_configs'));

const today = () => Math.floor(Date.now() / 86_400_000);
const wrongKey = { name: 'SecretUndecryptable', code: 'wrong_key' };

/** Seals as the API does: outside of any transaction, under the data key of a sibling if there is one. */
async function put({ accountId, webhookId }: KnownWebhook, secret: Buffer, gracePeriodSeconds = 0): Promise<void> {
  const siblingEnvelope = await findEnvelope(change.database.db, accountId);
  const { seal } = createSecretBox({ dataKeys: dataKeysOf(change.kms.new) });
  const secretEnc = await seal({ accountId, webhookId, secret, siblingEnvelope });
  const content = { url: 'https://b.example.com/', description: null, eventTypes: null, metadata: {}, rateLimit: null };
  await replaceWebhook(change.database.db, accountId, { ...content, id: webhookId, secretEnc, gracePeriodSeconds });
}

const rowOf = async ({ webhookId }: KnownWebhook) => {
  const text = `SELECT url, secret_version, updated_at, deleted_at FROM hook.webhook_configs WHERE id = $1`;
  const { rows } = await change.database.admin.query<Record<string, unknown>>(text, [webhookId]);
  return rows[0];
};

const NOTHING = { accounts: 0, envelopes: 0, stale: 0, rewritten: 0, overtaken: 0, undecryptable: 0 };
type Three = [KnownWebhook, KnownWebhook, KnownWebhook];
const accountOf = ([webhook]: KnownWebhook[]) => (webhook as KnownWebhook).accountId;
const dayOf = async (webhook: KnownWebhook) => parseEnvelope(await change.envelopeOf(webhook)).dataKeyDay;
const overwrite = ({ webhookId }: KnownWebhook, envelope: Buffer) =>
  change.database.admin.query('UPDATE hook.webhook_configs SET secret_enc = $2 WHERE id = $1', [webhookId, envelope]);
const MANY = `
  INSERT INTO hook.webhook_configs (id, account_id, url, secret_enc)
  SELECT gen_random_uuid(), gen_random_uuid(), 'https://a.example.com/', (SELECT secret_enc FROM hook.webhook_configs LIMIT 1)
  FROM generate_series(1, 90)`;

describe('re-encryption', () => {
  test('moves every secret of every account to the new master key, and changes nothing else', async () => {
    const { kms, database, secretOf } = change;
    const stored = [...(await change.store({ kms: kms.old, count: 3 })), ...(await change.store({ kms: kms.old }))];
    const [removed] = stored as [KnownWebhook];
    await deleteWebhook(database.db, removed.accountId, { id: removed.webhookId });
    const before = await Promise.all(stored.map(rowOf));
    await expect(secretOf(kms.new, removed)).rejects.toMatchObject(wrongKey);
    expect(await change.run()).toEqual({ ...NOTHING, accounts: 2, envelopes: 4, stale: 4, rewritten: 4 });
    for (const webhook of stored) {
      expect(await secretOf(kms.new, webhook)).toEqual(webhook.secret);
      await expect(secretOf(kms.old, webhook)).rejects.toMatchObject(wrongKey);
    }
    expect(await Promise.all(stored.map(rowOf))).toEqual(before);
  });

  test('moves the secret before a rotation as well, while it signs', async () => {
    const { kms, database } = change;
    const [webhook] = (await change.store({ kms: kms.old })) as [KnownWebhook];
    const secret = randomBytes(32);
    await put(webhook, secret, 3_600);
    expect(await change.run()).toEqual({ ...NOTHING, accounts: 1, envelopes: 2, stale: 1, rewritten: 1 });
    const { rows } = await database.admin.query<{ secret_prev_enc: Buffer }>(
      'SELECT secret_prev_enc FROM hook.webhook_configs',
    );
    expect(await change.secretIn(kms.new, webhook, rows[0]!.secret_prev_enc)).toEqual(webhook.secret);
    expect(await change.secretOf(kms.new, webhook)).toEqual(secret);
    expect(await change.run()).toMatchObject({ envelopes: 2, stale: 0 });
  });

  test('leaves an account with one data key', async () => {
    const stored = await change.store({ kms: change.kms.old, count: 2 });
    stored.push(...(await change.store({ kms: change.kms.new, accountId: stored[0]?.accountId ?? '' })));
    expect(await change.run()).toMatchObject({ envelopes: 3, stale: 2, rewritten: 2 });
    const envelopes = await Promise.all(stored.map(change.envelopeOf));
    expect(new Set(envelopes.map((each) => parseEnvelope(each).commitment.toString('hex'))).size).toBe(1);
  });

  test('interrupted and run again replaces the remaining envelopes, and then nothing', async () => {
    await change.store({ kms: change.kms.old, count: 5 });
    let left = 2;
    const replace: ReencryptDeps['replaceEnvelope'] = (stored, envelope) => {
      if (left === 0) throw new Error('interrupted');
      left -= 1;
      return replaceEnvelope(change.keysDb, stored, envelope);
    };
    await expect(change.run({ replaceEnvelope: replace })).rejects.toThrow('interrupted');
    expect(await change.run()).toMatchObject({ envelopes: 5, stale: 3, rewritten: 3 });
    expect(await change.run()).toMatchObject({ envelopes: 5, stale: 0, rewritten: 0 });
  });

  test('replaces data keys made before a day, under whichever master key', async () => {
    const old = await change.store({ kms: change.kms.new, count: 2, daysAgo: 30 });
    const recent = await change.store({ kms: change.kms.new, count: 1, daysAgo: 2, accountId: accountOf(old) });
    expect(await change.run({}, { beforeDay: today() - 7 })).toMatchObject({ envelopes: 3, stale: 2, rewritten: 2 });
    const days = await Promise.all([...old, ...recent].map(dayOf));
    expect(days).toEqual([today() - 2, today() - 2, today() - 2]);
    expect(await change.run({}, { beforeDay: today() })).toMatchObject({ stale: 3, rewritten: 3 });
    expect(await Promise.all([...old, ...recent].map(dayOf))).toEqual([today(), today(), today()]);
    expect(await change.run({}, { beforeDay: today() })).toMatchObject({ stale: 0 });
  });

  test('counts without changing anything, when asked to', async () => {
    const [webhook] = await change.store({ kms: change.kms.old, count: 2 });
    const before = await change.envelopeOf(webhook as KnownWebhook);
    expect(await change.run({}, { dryRun: true })).toMatchObject({ envelopes: 2, stale: 2, rewritten: 0 });
    expect(await change.envelopeOf(webhook as KnownWebhook)).toEqual(before);
  });

  test('leaves and reports what opens under no key, and goes on', async () => {
    const [damaged, swapped, good] = (await change.store({ kms: change.kms.old, count: 3 })) as Three;
    const flipped = await change.envelopeOf(damaged);
    flipped[flipped.length - 1]! ^= 1;
    await overwrite(damaged, flipped);
    await overwrite(swapped, await change.envelopeOf(good));
    const reported: string[] = [];
    const reportUndecryptable: ReencryptDeps['reportUndecryptable'] = ({ webhookId }) => void reported.push(webhookId);
    expect(await change.run({ reportUndecryptable })).toMatchObject({ undecryptable: 2, stale: 1, rewritten: 1 });
    expect(new Set(reported)).toEqual(new Set([damaged.webhookId, swapped.webhookId]));
    expect(await change.envelopeOf(damaged)).toEqual(flipped);
    expect(await change.secretOf(change.kms.new, good)).toEqual(good.secret);
  });

  test('reaches every account, page by page', async () => {
    for (let i = 0; i < 23; i++) await change.store({ kms: change.kms.old });
    await change.database.admin.query(MANY);
    const pages: number[] = [];
    const counts = await change.run({ reportProgress: ({ accounts }) => pages.push(accounts) });
    expect(pages).toEqual([100, 113]);
    // The ninety envelopes are copies of other rows' envelopes, so no key decrypts them.
    expect(counts).toMatchObject({ accounts: 113, envelopes: 113, rewritten: 23, undecryptable: 90 });
  });
});

describe('ENC-11 re-encryption beside a PUT', () => {
  test('loses to one that came between its reading and its writing', async () => {
    const [webhook] = (await change.store({ kms: change.kms.old })) as [KnownWebhook];
    const secret = randomBytes(32);
    const replace: ReencryptDeps['replaceEnvelope'] = async (stored, envelope) => {
      await put(webhook, secret);
      return await replaceEnvelope(change.keysDb, stored, envelope);
    };
    expect(await change.run({ replaceEnvelope: replace })).toMatchObject({ stale: 1, rewritten: 0, overtaken: 1 });
    expect(await change.secretOf(change.kms.new, webhook)).toEqual(secret);
    expect(await rowOf(webhook)).toMatchObject({ secret_version: 2 });
    expect(await change.run()).toMatchObject({ stale: 0 });
  });

  test('never brings an old secret back, however the two interleave', async () => {
    const webhooks = await change.store({ kms: change.kms.old, count: 5 });
    const state = { putting: true };
    const puts = webhooks.map(async (webhook) => {
      let last = webhook.secret;
      for (let i = 0; i < 12; i++) await put(webhook, (last = randomBytes(32)));
      return { ...webhook, secret: last };
    });
    const rotated = Promise.all(puts).finally(() => (state.putting = false));
    // A day in the future, so that every envelope is stale in every run.
    const totals = { rewritten: 0, overtaken: 0 };
    while (state.putting) {
      const counts = await change.run({}, { beforeDay: today() + 1 });
      totals.rewritten += counts.rewritten;
      totals.overtaken += counts.overtaken;
    }
    expect(totals.rewritten).toBeGreaterThan(0);
    expect(totals.overtaken).toBeGreaterThan(0);
    for (const webhook of await rotated) {
      expect(await change.secretOf(change.kms.new, webhook)).toEqual(webhook.secret);
      expect(await rowOf(webhook)).toMatchObject({ secret_version: 13 });
    }
  });
});

describe('while the master key changes', () => {
  test('deliveries open secrets under either key, and a PUT seals under the new one only', async () => {
    const { kms, secretOf } = change;
    const [one, two] = (await change.store({ kms: kms.old, count: 2 })) as [KnownWebhook, KnownWebhook];
    expect(await secretOf(kms.both, one)).toEqual(one.secret);
    const secret = randomBytes(32);
    await put(one, secret);
    expect(await secretOf(kms.new, one)).toEqual(secret);
    expect(await secretOf(kms.both, one)).toEqual(secret);
    expect(await secretOf(kms.both, two)).toEqual(two.secret);
  });
});
