import { and, eq, isNull, sql, type SQL } from 'drizzle-orm';
import type { CreateWebhook } from '../../contracts/rest/webhook.js';
import type { DisabledReason, WebhookStatus } from '../../domain/delivery/webhook-status.js';
import { webhookConfigs as t, type WebhookRow } from '../schema.js';

/** The settings that a customer chooses for an endpoint: all of a registration but its secret. */
export type WebhookContent = Readonly<Omit<CreateWebhook, 'secret'>>;

/**
 * The columns that an insert and a replacement write. A new field of the contract does not compile until the table has a
 * column for it and this function writes it.
 */
export const toContentColumns = ({ url, description, eventTypes, metadata, rateLimit }: WebhookContent) =>
  ({ url, description, eventTypes, metadata, rateLimit }) satisfies Pick<WebhookRow, keyof WebhookContent>;

/** A webhook without its secrets. */
export interface WebhookRecord extends WebhookContent {
  readonly id: string;
  readonly status: WebhookStatus;
  readonly disabledReason: DisabledReason | null;
  /** The customer's words on why it is disabled. */
  readonly disabledNote: string | null;
  readonly disabledAt: Date | null;
  /** Counts rotations, from 1. */
  readonly secretVersion: number;
  /** The end of the grace period in which the previous secret signs as well; null outside of one. */
  readonly previousSecretExpiresAt: Date | null;
  /** Counts the changes that the entity tag reflects, from 1. */
  readonly revision: number;
  readonly lastSuccessAt: Date | null;
  readonly failingSince: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/**
 * The columns of a `WebhookRecord`. They are listed one by one so that no query reads `secret_enc` by accident. A new field
 * of the record does not compile until it is listed.
 */
export const webhookColumns = {
  id: t.id,
  url: t.url,
  description: t.description,
  eventTypes: t.eventTypes,
  metadata: t.metadata,
  rateLimit: t.rateLimit,
  status: t.status,
  disabledReason: sql<DisabledReason | null>`split_part(${t.disabledReason}, ':', 1)`.as('reason'),
  disabledNote: sql<string | null>`substring(${t.disabledReason} FROM '^[a-z]+: (.*)$')`.as('note'),
  disabledAt: t.disabledAt,
  secretVersion: t.secretVersion,
  previousSecretExpiresAt: sql`CASE WHEN ${t.secretPrevExpiresAt} > now() THEN ${t.secretPrevExpiresAt} END`
    .mapWith(t.secretPrevExpiresAt)
    .as('previous_secret_expires_at'),
  revision: t.revision,
  lastSuccessAt: t.lastSuccessAt,
  failingSince: t.failingSince,
  createdAt: t.createdAt,
  updatedAt: t.updatedAt,
} satisfies Record<keyof WebhookRecord, unknown>;

/** Row level security applies the account condition too; the statement repeats it so that either alone is enough. */
export const isLiveWebhook = (accountId: string, ...conditions: (SQL | undefined)[]) =>
  and(eq(t.accountId, accountId), isNull(t.deletedAt), ...conditions);
