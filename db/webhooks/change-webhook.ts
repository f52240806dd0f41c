import { and, eq, inArray, sql } from 'drizzle-orm';
import type { PgUpdateSetSource } from 'drizzle-orm/pg-core';
import type { Database } from '../client.js';
import { withAccountOrm } from '../with-account-orm.js';
import type { DisabledReason, WebhookStatus } from '../../domain/delivery/webhook-status.js';
import { webhookConfigs as t } from '../schema.js';
import {
  isLiveWebhook,
  toContentColumns,
  webhookColumns,
  type WebhookContent,
  type WebhookRecord,
} from './webhook-record.js';

/** The webhook to change. With `revisions` it is changed only if it has one of them at that moment. */
export interface ChangeTarget {
  readonly id: string;
  readonly revisions?: readonly number[] | undefined;
}

interface NewSecret {
  readonly secretEnc: Buffer;
  /** How long the previous secret signs as well, in seconds. Absent: it no longer signs. */
  readonly gracePeriodSeconds?: number | undefined;
}

export interface WebhookReplacement extends WebhookContent, ChangeTarget, Omit<NewSecret, 'secretEnc'> {
  /** Absent: the secret stays. */
  readonly secretEnc?: Buffer | undefined;
  /** Absent: the status stays. */
  readonly status?: WebhookStatus | undefined;
}

/** `undefined` when the account has no such live webhook, or the webhook has none of the expected revisions. */
type ChangedWebhook = Promise<WebhookRecord | undefined>;

/** Replaces the content, and the secret and the status where they are given. @throws DatabaseError */
export function replaceWebhook(db: Database, accountId: string, replacement: WebhookReplacement): ChangedWebhook {
  const { id, revisions, url, rateLimit, secretEnc, gracePeriodSeconds, status } = replacement;
  return updateWebhookRow(
    db,
    { id, revisions, accountId },
    {
      ...toContentColumns(replacement),
      ...NEXT_REVISION,
      // Observations of the old URL say nothing about a new one; reservations at the old rate do not bind the new one.
      slowUntil: sql`CASE WHEN ${t.url} = ${url} THEN ${t.slowUntil} END`,
      failingSince: sql`CASE WHEN ${t.url} = ${url} THEN ${t.failingSince} END`,
      rateNextAt: sql`CASE WHEN ${t.rateLimit} = ${rateLimit} THEN ${t.rateNextAt} END`,
      ...(secretEnc && secretAssignments({ secretEnc, gracePeriodSeconds })),
      ...(status && statusAssignments(status)),
    },
  );
}

export interface StatusChange extends ChangeTarget {
  readonly status: WebhookStatus;
  /** The customer's words on why the webhook is disabled. */
  readonly note?: string | undefined;
}

/** Enables or disables a webhook. A disabled one that is disabled again keeps reason, note, time and revision. @throws DatabaseError */
export function changeWebhookStatus(db: Database, accountId: string, change: StatusChange): ChangedWebhook {
  const { status, note, ...target } = change;
  return updateWebhookRow(
    db,
    { ...target, accountId },
    {
      ...statusAssignments(status, note),
      revision: sql`${t.revision} + (${t.status} <> ${status})::int`,
      updatedAt: sql`CASE WHEN ${t.status} <> ${status} THEN now() ELSE ${t.updatedAt} END`,
    },
  );
}

/** Writes a new secret and increments `secret_version`. @throws DatabaseError */
export const rotateWebhookSecret = (
  db: Database,
  accountId: string,
  { secretEnc, gracePeriodSeconds, ...target }: ChangeTarget & NewSecret,
): ChangedWebhook =>
  updateWebhookRow(
    db,
    { ...target, accountId },
    { ...secretAssignments({ secretEnc, gracePeriodSeconds }), ...NEXT_REVISION },
  );

/**
 * Marks a webhook as deleted. Its row stays, because its deliveries refer to it; its idempotency key becomes free. False
 * when there is no such webhook or revision. @throws DatabaseError
 */
export async function deleteWebhook(db: Database, accountId: string, target: ChangeTarget): Promise<boolean> {
  const deletion = { deletedAt: sql`now()`, idempotencyKey: null, idempotencyDigest: null };
  const row = await updateWebhookRow(db, { ...target, accountId }, { ...deletion, ...NEXT_REVISION });
  return row !== undefined;
}

const NEXT_REVISION = { revision: sql`${t.revision} + 1`, updatedAt: sql`now()` };

/** Values, or SQL that computes them, by column of `webhook_configs`. */
type WebhookAssignments = PgUpdateSetSource<typeof t>;

async function updateWebhookRow(
  db: Database,
  { accountId, id, revisions }: ChangeTarget & { accountId: string },
  assignments: WebhookAssignments,
): ChangedWebhook {
  const hasExpectedRevision = revisions && inArray(t.revision, [...revisions]);
  const [row] = await withAccountOrm(db, accountId, (orm) =>
    orm
      .update(t)
      .set(assignments)
      .where(and(isLiveWebhook(accountId, eq(t.id, id)), hasExpectedRevision))
      .returning(webhookColumns),
  );
  return row;
}

/** With a grace period the current envelope moves to the previous one as it is: no secret is decrypted. Without one it is dropped. */
const secretAssignments = ({ secretEnc, gracePeriodSeconds = 0 }: NewSecret) => ({
  secretEnc,
  secretVersion: sql`${t.secretVersion} + 1`,
  secretPrevEnc: gracePeriodSeconds > 0 ? sql`${t.secretEnc}` : null,
  secretPrevExpiresAt: gracePeriodSeconds > 0 ? sql`now() + make_interval(secs => ${gracePeriodSeconds})` : null,
});

/** Disabling a webhook that is already disabled keeps its reason and time. */
function statusAssignments(status: WebhookStatus, note?: string) {
  if (status === 'enabled') return { status, disabledReason: null, disabledAt: null };
  const reason = note === undefined ? 'manual' : `manual: ${note}`;
  return {
    status,
    disabledReason: sql<DisabledReason>`coalesce(${t.disabledReason}, ${reason})`,
    disabledAt: sql`coalesce(${t.disabledAt}, now())`,
  };
}
