import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createPool, type Database } from '../../db/client.js';
import { readEnvelopes, replaceEnvelope } from '../../db/maintenance/webhook-envelopes.js';
import { insertWebhook } from '../../db/webhooks/webhooks.js';
import { createDataKeys, type DataKeys } from '../../keys/data-keys.js';
import { createKms, type Kms } from '../../keys/kms.js';
import { createKmsWithPreviousKey } from '../../keys/kms-with-previous-key.js';
import { reencrypt, type ReencryptCounts, type ReencryptDeps } from '../../keys/reencrypt.js';
import { createSecretBox } from '../../keys/secret-box.js';
import { packageRoot } from '../../local/process/package-root.js';
import { startParts } from '../../local/start-parts.js';
import type { LocalKms as KmsServer } from '../../local/start-kms.js';
import { startTestDatabase, type TestDatabase } from './database.js';

/** A webhook whose secret the test knows. */
export interface KnownWebhook {
  accountId: string;
  webhookId: string;
  secret: Buffer;
}

export interface KeyChange {
  readonly database: TestDatabase;
  readonly kmsServer: KmsServer;
  readonly keyArns: { readonly old: string; readonly new: string };
  /** Each knows one master key; `both` opens under either. */
  readonly kms: { readonly old: Kms; readonly new: Kms; readonly both: Kms };
  readonly keysUrl: string;
  /** As hook_keys. */
  readonly keysDb: Database;
  /** Stores webhooks of one account, sealed under this master key at that time. */
  readonly store: (options: {
    kms: Kms;
    count?: number;
    daysAgo?: number;
    accountId?: string;
  }) => Promise<KnownWebhook[]>;
  /** The job as bin/keys.ts runs it, from the old master key to the new one. */
  readonly run: (
    change?: Partial<ReencryptDeps>,
    options?: { beforeDay?: number; dryRun?: boolean },
  ) => Promise<ReencryptCounts>;
  /** The content of the stored envelope, opened with this master key only. */
  readonly secretOf: (kms: Kms, webhook: KnownWebhook) => Promise<Buffer>;
  /** The same for any envelope of the webhook. */
  readonly secretIn: (kms: Kms, webhook: KnownWebhook, envelope: Buffer) => Promise<Buffer>;
  readonly envelopeOf: (webhook: KnownWebhook) => Promise<Buffer>;
  readonly close: () => Promise<void>;
}

const DAY_MS = 86_400_000;
const PASSWORD = 'local-only';
export const deployedSql = (name: string) => readFile(join(packageRoot(), 'deploy', 'postgres', name), 'utf8');

export const dataKeysOf = (kms: Kms, now: () => number = Date.now): DataKeys => createDataKeys({ kms, now });

/** A migrated database with the role hook_keys, and a key service with two master keys. */
export async function startKeyChange(): Promise<KeyChange> {
  const database = await startTestDatabase();
  const parts = await startParts({ with: ['kms'], log: () => undefined, env: process.env });
  const keyArns = { old: parts.kms.keyId, new: await createMasterKey(parts.kms) };
  const kmsOptions = { region: parts.kms.region, endpoint: parts.kms.endpoint, credentials: parts.kms.credentials };
  const kms = {
    old: createKms({ ...kmsOptions, keyArn: keyArns.old }),
    new: createKms({ ...kmsOptions, keyArn: keyArns.new }),
    both: createKmsWithPreviousKey({ ...kmsOptions, keyArn: keyArns.new, previousKeyArn: keyArns.old }),
  };
  await database.admin.query(await deployedSql('keys-role.sql'));
  await database.admin.query(`ALTER ROLE hook_keys PASSWORD '${PASSWORD}'`);
  const keysUrl = database.serviceUrl.replace('hook_svc', 'hook_keys');
  const keysDb = createPool({ url: keysUrl, tls: false, poolMax: 2, applicationName: 'test' }, () => undefined);

  const envelopeOf = async ({ webhookId }: KnownWebhook) => {
    const text = 'SELECT secret_enc FROM hook.webhook_configs WHERE id = $1';
    const { rows } = await database.admin.query<{ secret_enc: Buffer }>(text, [webhookId]);
    return (rows[0] as { secret_enc: Buffer }).secret_enc;
  };
  return {
    database,
    kmsServer: parts.kms,
    keyArns,
    kms,
    keysUrl,
    keysDb,
    envelopeOf,
    store: createStore(database),
    run: (change, { beforeDay = 0, dryRun = false } = {}) =>
      reencrypt({ ...jobDeps(keysDb, kms), ...change }, { beforeDay, dryRun }),
    secretIn,
    secretOf: async (of, webhook) => secretIn(of, webhook, await envelopeOf(webhook)),
    close: async () => {
      for (const each of Object.values(kms)) each.close();
      await keysDb.end();
      await parts.stop();
      await database.close();
    },
  };
}

async function secretIn(of: Kms, webhook: KnownWebhook, envelope: Buffer): Promise<Buffer> {
  const dataKey = await dataKeysOf(of).loadKeyForOpening({ accountId: webhook.accountId, envelope });
  const { withSecret } = createSecretBox({ dataKeys: dataKeysOf(of) });
  return withSecret({ dataKey, envelope, ...webhook }, (secret) => Buffer.from(secret));
}

const jobDeps = (keysDb: Database, kms: KeyChange['kms']): ReencryptDeps => ({
  readEnvelopes: (after) => readEnvelopes(keysDb, after),
  replaceEnvelope: (stored, envelope) => replaceEnvelope(keysDb, stored, envelope),
  current: dataKeysOf(kms.new),
  previous: dataKeysOf(kms.old),
  reportProgress: () => undefined,
  reportUndecryptable: () => undefined,
});

const createStore =
  (database: TestDatabase): KeyChange['store'] =>
  async ({ kms, count = 1, daysAgo = 0, accountId = randomUUID() }) => {
    const dataKeys = dataKeysOf(kms, () => Date.now() - daysAgo * DAY_MS);
    const { seal } = createSecretBox({ dataKeys });
    const stored: KnownWebhook[] = [];
    let sibling: Buffer | undefined;
    for (let i = 0; i < count; i++) {
      const webhook = { accountId, webhookId: randomUUID(), secret: randomBytes(32) };
      sibling = await seal({ ...webhook, siblingEnvelope: sibling });
      const content = {
        url: 'https://a.example.com/',
        description: null,
        eventTypes: null,
        metadata: {},
        rateLimit: null,
      };
      await insertWebhook(database.db, accountId, { ...content, id: webhook.webhookId, secretEnc: sibling });
      stored.push(webhook);
    }
    return stored;
  };

async function createMasterKey({ region, endpoint, credentials }: KmsServer): Promise<string> {
  const client = new KMSClient({ region, endpoint, credentials });
  try {
    const { KeyMetadata } = await client.send(new CreateKeyCommand({}));
    return KeyMetadata?.Arn ?? '';
  } finally {
    client.destroy();
  }
}
