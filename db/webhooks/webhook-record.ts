import { and, eq, isNull, sql, type SQL } from 'drizzle-orm';
import type { DisabledReason, WebhookStatus } from '../../domain/delivery/webhook-status.js';
import { webhookConfigs as t } from '../schema.js';

/** What a customer says about an endpoint. */
export interface WebhookContent {
  readonly url: string;
  readonly description: string | null;
  readonly eventTypes: string[] | null;
  readonly metadata: Record<string, string>;
  /** Requests a second. */
  readonly rateLimit: number | null;
}

/** A webhook without what signs for it. */
export interface WebhookRecord extends WebhookContent {
  readonly id: string;
  readonly status: WebhookStatus;
  readonly disabledReason: DisabledReason | null;
  /** What the customer said when disabling it. */
  readonly disabledNote: string | null;
  readonly disabledAt: Date | null;
  readonly secretVersion: number;
  /** While the secret before the last rotation still signs. */
  readonly previousSecretExpiresAt: Date | null;
  /** Counts its changes. */
  readonly revision: number;
  readonly lastSuccessAt: Date | null;
  readonly failingSince: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Named one by one: `secret_enc` is read only where another secret of the account is sealed. */
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
};

/** Row level security would do; the condition stands in the statement as well, so that either alone is enough. */
export const isLiveWebhook = (accountId: string, ...conditions: (SQL | undefined)[]) =>
  and(eq(t.accountId, accountId), isNull(t.deletedAt), ...conditions);
