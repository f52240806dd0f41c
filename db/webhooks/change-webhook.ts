import { and, eq, inArray, sql } from 'drizzle-orm';
import type { Database } from '../client.js';
import { withAccountOrm } from '../with-account-orm.js';
import type { DisabledReason, WebhookStatus } from '../../domain/delivery/webhook-status.js';
import { webhookConfigs as t } from '../schema.js';
import { isLiveWebhook, webhookColumns, type WebhookContent, type WebhookRecord } from './webhook-record.js';

/** What is to be changed; with `revisions` only if it is one of these by then. */
export interface ChangeTarget {
  readonly id: string;
  readonly revisions?: readonly number[] | undefined;
}

interface NewSecret {
  readonly secretEnc: Buffer;
  /** How long the secret before signs as well, in seconds; not at all when absent. */
  readonly gracePeriodSeconds?: number | undefined;
}

export interface WebhookReplacement extends WebhookContent, ChangeTarget, Omit<NewSecret, 'secretEnc'> {
  /** Absent: the secret stays. */
  readonly secretEnc?: Buffer | undefined;
  /** Absent: the status stays. */
  readonly status?: WebhookStatus | undefined;
}

type Changed = Promise<WebhookRecord | undefined>;

/** `undefined`, here and below, when the account has no such webhook, or none of these revisions. */
export function replaceWebhook(db: Database, accountId: string, replacement: WebhookReplacement): Changed {
  const { url, description, eventTypes, metadata, rateLimit, secretEnc, gracePeriodSeconds, status, ...target } =
    replacement;
  return updateWebhookRow(
    db,
    { ...target, accountId },
    {
      url,
      description,
      eventTypes,
      metadata,
      rateLimit,
      ...CHANGED,
      // What was learnt about the old URL says nothing about the new one, and a new rate begins now.
      slowUntil: sql`CASE WHEN ${t.url} = ${url} THEN ${t.slowUntil} END`,
      failingSince: sql`CASE WHEN ${t.url} = ${url} THEN ${t.failingSince} END`,
      rateNextAt: sql`CASE WHEN ${t.rateLimit} = ${rateLimit} THEN ${t.rateNextAt} END`,
      ...(secretEnc && rotation({ secretEnc, gracePeriodSeconds })),
      ...(status && statusOf(status)),
    },
  );
}

export interface StatusChange extends ChangeTarget {
  readonly status: WebhookStatus;
  /** The customer's own words on why it is disabled. */
  readonly note?: string | undefined;
}

/** Setting the status that it has changes nothing: a disabled endpoint keeps reason, note and time. */
export function changeWebhookStatus(db: Database, accountId: string, asked: StatusChange): Changed {
  const { status, note, ...target } = asked;
  return updateWebhookRow(
    db,
    { ...target, accountId },
    {
      ...statusOf(status, note),
      revision: sql`${t.revision} + (${t.status} <> ${status})::int`,
      updatedAt: sql`CASE WHEN ${t.status} <> ${status} THEN now() ELSE ${t.updatedAt} END`,
    },
  );
}

export const rotateWebhookSecret = (
  db: Database,
  accountId: string,
  { secretEnc, gracePeriodSeconds, ...target }: ChangeTarget & NewSecret,
): Changed =>
  updateWebhookRow(db, { ...target, accountId }, { ...rotation({ secretEnc, gracePeriodSeconds }), ...CHANGED });

/** Keeps the row for the history of its deliveries; its idempotency key may be used again. */
export async function deleteWebhook(db: Database, accountId: string, target: ChangeTarget): Promise<boolean> {
  const forgotten = { idempotencyKey: null, idempotencyDigest: null };
  const row = await updateWebhookRow(db, { ...target, accountId }, { deletedAt: sql`now()`, ...forgotten, ...CHANGED });
  return row !== undefined;
}

const CHANGED = { revision: sql`${t.revision} + 1`, updatedAt: sql`now()` };

type Assignments = Parameters<ReturnType<Parameters<Parameters<typeof withAccountOrm>[2]>[0]['update']>['set']>[0];

async function updateWebhookRow(
  db: Database,
  { accountId, id, revisions }: ChangeTarget & { accountId: string },
  assignments: Assignments,
): Changed {
  const current = revisions && inArray(t.revision, [...revisions]);
  const [row] = await withAccountOrm(db, accountId, (orm) =>
    orm
      .update(t)
      .set(assignments)
      .where(and(isLiveWebhook(accountId, eq(t.id, id)), current))
      .returning(webhookColumns),
  );
  return row;
}

/** The row's own envelope becomes the previous one: nothing is opened or sealed again. Without a grace period none is left. */
const rotation = ({ secretEnc, gracePeriodSeconds = 0 }: NewSecret) => ({
  secretEnc,
  secretVersion: sql`${t.secretVersion} + 1`,
  secretPrevEnc: gracePeriodSeconds > 0 ? sql`${t.secretEnc}` : null,
  secretPrevExpiresAt: gracePeriodSeconds > 0 ? sql`now() + make_interval(secs => ${gracePeriodSeconds})` : null,
});

/** Disabling what is disabled already keeps its reason and time. */
function statusOf(status: WebhookStatus, note?: string) {
  if (status === 'enabled') return { status, disabledReason: null, disabledAt: null };
  const reason = note === undefined ? 'manual' : `manual: ${note}`;
  return {
    status,
    disabledReason: sql<DisabledReason>`coalesce(${t.disabledReason}, ${reason})`,
    disabledAt: sql`coalesce(${t.disabledAt}, now())`,
  };
}
