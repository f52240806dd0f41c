import { desc, eq, lt, sql } from 'drizzle-orm';
import type { Database } from '../client.js';
import { withAccountOrm } from '../with-account-orm.js';
import { webhookConfigs as t } from '../schema.js';
import {
  isLiveWebhook,
  toContentColumns,
  webhookColumns,
  type WebhookContent,
  type WebhookRecord,
} from './webhook-record.js';

/** Recognizes a repeated registration: the customer's idempotency key and the SHA-256 digest of the request. */
export interface Idempotency {
  readonly key: string;
  readonly digest: Buffer;
}

export interface NewWebhook extends WebhookContent {
  readonly id: string;
  readonly secretEnc: Buffer;
  readonly idempotency?: Idempotency | undefined;
}

/**
 * Registers a webhook. `undefined` when a live webhook of the account was registered with the same
 * idempotency key.
 * @throws DatabaseError with constraint `webhook_configs_max_10_per_account` when the account has ten.
 */
export async function insertWebhook(
  db: Database,
  accountId: string,
  webhook: NewWebhook,
): Promise<WebhookRecord | undefined> {
  const { id, secretEnc, idempotency } = webhook;
  const values = {
    ...toContentColumns(webhook),
    id,
    accountId,
    secretEnc,
    idempotencyKey: idempotency?.key ?? null,
    idempotencyDigest: idempotency?.digest ?? null,
  };
  const onIdempotencyKey = { target: [t.accountId, t.idempotencyKey], where: sql`${t.idempotencyKey} IS NOT NULL` };
  const [row] = await withAccountOrm(db, accountId, (orm) =>
    orm.insert(t).values(values).onConflictDoNothing(onIdempotencyKey).returning(webhookColumns),
  );
  return row;
}

export interface WebhookPageQuery {
  readonly limit: number;
  /** Id of the last item of the previous page. */
  readonly after?: string | undefined;
}

/** Lists live webhooks, the newest first; one more than `limit` when there are more. */
export function listWebhooks(
  db: Database,
  accountId: string,
  { limit, after }: WebhookPageQuery,
): Promise<WebhookRecord[]> {
  const where = isLiveWebhook(accountId, after === undefined ? undefined : lt(t.id, after));
  return withAccountOrm(db, accountId, (orm) =>
    orm
      .select(webhookColumns)
      .from(t)
      .where(where)
      .orderBy(desc(t.id))
      .limit(limit + 1),
  );
}

/** `undefined` when the account has no such live webhook. */
export async function findWebhook(db: Database, accountId: string, id: string): Promise<WebhookRecord | undefined> {
  const [row] = await withAccountOrm(db, accountId, (orm) =>
    orm
      .select(webhookColumns)
      .from(t)
      .where(isLiveWebhook(accountId, eq(t.id, id))),
  );
  return row;
}

export interface EarlierRegistration {
  readonly webhook: WebhookRecord;
  readonly digest: Buffer | null;
  readonly secretEnc: Buffer;
}

/** The live webhook that was registered with this idempotency key. */
export async function findWebhookByIdempotencyKey(
  db: Database,
  accountId: string,
  key: string,
): Promise<EarlierRegistration | undefined> {
  const columns = { ...webhookColumns, digest: t.idempotencyDigest, secretEnc: t.secretEnc };
  const [row] = await withAccountOrm(db, accountId, (orm) =>
    orm
      .select(columns)
      .from(t)
      .where(isLiveWebhook(accountId, eq(t.idempotencyKey, key))),
  );
  if (row === undefined) return undefined;
  const { digest, secretEnc, ...webhook } = row;
  return { webhook, digest, secretEnc };
}

/** The secret envelope of the webhook changed last, so that a new secret is sealed under the same data key. */
export async function findEnvelope(db: Database, accountId: string): Promise<Buffer | undefined> {
  const [row] = await withAccountOrm(db, accountId, (orm) =>
    orm.select({ secretEnc: t.secretEnc }).from(t).where(isLiveWebhook(accountId)).orderBy(desc(t.updatedAt)).limit(1),
  );
  return row?.secretEnc;
}

/** The sealed secrets that sign a request to the endpoint now. */
export interface SigningSecrets {
  readonly url: string;
  readonly secretEnc: Buffer;
  /** The previous secret, during its grace period. */
  readonly previousSecretEnc: Buffer | null;
}

/** `undefined` when the account has no such live webhook. */
export async function findSigningSecrets(
  db: Database,
  accountId: string,
  id: string,
): Promise<SigningSecrets | undefined> {
  const previous = sql<Buffer | null>`CASE WHEN ${t.secretPrevExpiresAt} > now() THEN ${t.secretPrevEnc} END`;
  const columns = { url: t.url, secretEnc: t.secretEnc, previousSecretEnc: previous.as('previous_secret_enc') };
  const [row] = await withAccountOrm(db, accountId, (orm) =>
    orm
      .select(columns)
      .from(t)
      .where(isLiveWebhook(accountId, eq(t.id, id))),
  );
  return row;
}
