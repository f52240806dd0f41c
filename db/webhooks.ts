import { and, desc, eq, isNull, lt, sql, type SQL } from 'drizzle-orm';
import type { Database } from './client.js';
import { inAccount } from './in-account.js';
import { webhookConfigs as t, type DisabledReason, type WebhookStatus } from './schema.js';

/** A webhook without what signs for it. */
export interface WebhookRecord {
  id: string;
  url: string;
  description: string | null;
  eventTypes: string[] | null;
  status: WebhookStatus;
  disabledReason: DisabledReason | null;
  disabledAt: Date | null;
  secretVersion: number;
  /** While the secret before the last rotation still signs. */
  previousSecretExpiresAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

/** Named one by one: `secret_enc` is read only where another secret of the account is sealed. */
const columns = {
  id: t.id,
  url: t.url,
  description: t.description,
  eventTypes: t.eventTypes,
  status: t.status,
  disabledReason: t.disabledReason,
  disabledAt: t.disabledAt,
  secretVersion: t.secretVersion,
  previousSecretExpiresAt: sql`CASE WHEN ${t.secretPrevExpiresAt} > now() THEN ${t.secretPrevExpiresAt} END`
    .mapWith(t.secretPrevExpiresAt)
    .as('previous_secret_expires_at'),
  createdAt: t.createdAt,
  updatedAt: t.updatedAt,
};

/** Row level security would do; the condition stands in the statement as well, so that either alone is enough. */
const live = (accountId: string, ...conditions: (SQL | undefined)[]) =>
  and(eq(t.accountId, accountId), isNull(t.deletedAt), ...conditions);

export interface WebhookContent {
  url: string;
  description: string | null;
  eventTypes: string[] | null;
}

export interface NewWebhook extends WebhookContent {
  id: string;
  secretEnc: Buffer;
}

/** @throws DatabaseError with constraint `webhook_configs_max_10_per_account` when the account has ten. */
export async function insertWebhook(db: Database, accountId: string, webhook: NewWebhook): Promise<WebhookRecord> {
  const { id, url, description, eventTypes, secretEnc } = webhook;
  const values = { id, accountId, url, description, eventTypes, secretEnc };
  const [row] = await inAccount(db, accountId, (orm) => orm.insert(t).values(values).returning(columns));
  return row as WebhookRecord;
}

export interface PageAfter {
  limit: number;
  /** Id of the last item of the page before. */
  after?: string | undefined;
}

/** The newest first; one more than `limit` when there are more. */
export function listWebhooks(db: Database, accountId: string, { limit, after }: PageAfter): Promise<WebhookRecord[]> {
  const where = live(accountId, after === undefined ? undefined : lt(t.id, after));
  return inAccount(db, accountId, (orm) =>
    orm
      .select(columns)
      .from(t)
      .where(where)
      .orderBy(desc(t.id))
      .limit(limit + 1),
  );
}

export async function findWebhook(db: Database, accountId: string, id: string): Promise<WebhookRecord | undefined> {
  const [row] = await inAccount(db, accountId, (orm) =>
    orm
      .select(columns)
      .from(t)
      .where(live(accountId, eq(t.id, id))),
  );
  return row;
}

/** The newest envelope of the account’s live webhooks, so that a new secret goes under the same data key. */
export async function findEnvelope(db: Database, accountId: string): Promise<Buffer | undefined> {
  const [row] = await inAccount(db, accountId, (orm) =>
    orm.select({ secretEnc: t.secretEnc }).from(t).where(live(accountId)).orderBy(desc(t.updatedAt)).limit(1),
  );
  return row?.secretEnc;
}

export interface WebhookReplacement extends WebhookContent {
  id: string;
  /** Absent: the secret stays. */
  secretEnc?: Buffer | undefined;
  /** How long the secret before signs as well, in seconds; only with a new one. */
  gracePeriodSeconds?: number | undefined;
  /** Absent: the status stays. */
  status?: WebhookStatus | undefined;
}

/** `undefined` when the account has no such webhook (any more). */
export async function replaceWebhook(
  db: Database,
  accountId: string,
  replacement: WebhookReplacement,
): Promise<WebhookRecord | undefined> {
  const { id, url, description, eventTypes, secretEnc, gracePeriodSeconds = 0, status } = replacement;
  const rotated = secretEnc && rotation(secretEnc, gracePeriodSeconds);
  // What was learnt about the old URL's speed says nothing about the new one.
  const content = { url, description, eventTypes, slowUntil: null, updatedAt: sql`now()` };
  const [row] = await inAccount(db, accountId, (orm) =>
    orm
      .update(t)
      .set({ ...content, ...rotated, ...(status && statusChange(status)) })
      .where(live(accountId, eq(t.id, id)))
      .returning(columns),
  );
  return row;
}

/** The row's own envelope becomes the previous one: nothing is opened or sealed again. Without a grace period none is left. */
const rotation = (secretEnc: Buffer, gracePeriodSeconds: number) => ({
  secretEnc,
  secretVersion: sql`${t.secretVersion} + 1`,
  secretPrevEnc: gracePeriodSeconds > 0 ? sql`${t.secretEnc}` : null,
  secretPrevExpiresAt: gracePeriodSeconds > 0 ? sql`now() + make_interval(secs => ${gracePeriodSeconds})` : null,
});

/** Disabling what is disabled already keeps its reason and time. */
function statusChange(status: WebhookStatus) {
  if (status === 'enabled') return { status, disabledReason: null, disabledAt: null };
  return {
    status,
    disabledReason: sql<DisabledReason>`coalesce(${t.disabledReason}, 'manual')`,
    disabledAt: sql`coalesce(${t.disabledAt}, now())`,
  };
}

/** Keeps the row for the history of its deliveries. False when the account has no such webhook (any more). */
export async function deleteWebhook(db: Database, accountId: string, id: string): Promise<boolean> {
  const rows = await inAccount(db, accountId, (orm) =>
    orm
      .update(t)
      .set({ deletedAt: sql`now()`, updatedAt: sql`now()` })
      .where(live(accountId, eq(t.id, id)))
      .returning({ id: t.id }),
  );
  return rows.length > 0;
}
