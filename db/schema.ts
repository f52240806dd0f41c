import { WEBHOOK_STATUSES, type WebhookStatus } from '../domain/delivery/webhook-status.js';
import {
  ATTEMPT_STATUSES,
  DELIVERY_OUTCOMES,
  type AttemptErrorCode,
  type AttemptStatus,
  type AttemptTrigger,
  type DeliveryOutcome,
  type OutcomeReason,
} from '../domain/delivery/statuses.js';
import { sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  boolean,
  check,
  customType,
  index,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core';

/** Every identifier is qualified: the service role's search path names no schema of ours. */
export const hook = pgSchema('hook');

const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });
/** A CHECK that a column holds a member of a closed set. The members are literals, because DDL takes no parameters. */
const isOneOf = (column: AnyPgColumn, members: readonly string[]) =>
  sql`${column} IN (${sql.raw(members.map((member) => `'${member}'`).join(', '))})`;
const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

export const webhookConfigs = hook.table(
  'webhook_configs',
  {
    /** Made by the application: it is part of what authenticates `secret_enc`, so it must exist before the row. */
    id: uuid('id').primaryKey(),
    accountId: uuid('account_id').notNull(),
    url: text('url').notNull(),
    description: text('description'),
    /** null: all events. */
    eventTypes: text('event_types').array(),
    secretEnc: bytea('secret_enc').notNull(),
    secretVersion: integer('secret_version').notNull().default(1),
    /** The secret before the last rotation, where the customer asked for a time in which both sign. */
    secretPrevEnc: bytea('secret_prev_enc'),
    secretPrevExpiresAt: time('secret_prev_expires_at'),
    status: text('status').$type<WebhookStatus>().notNull().default('enabled'),
    /** `gone`, `manual`, or `manual: ` and the customer's own words. */
    disabledReason: text('disabled_reason'),
    disabledAt: time('disabled_at'),
    /** Until then first attempts leave the fast lane to others. */
    slowUntil: time('slow_until'),
    /** Requests a second that the customer wants at most; null: no limit of its own. */
    rateLimit: integer('rate_limit'),
    /** With a rate limit: when its next request may be made. Every process reserves its requests here. */
    rateNextAt: time('rate_next_at'),
    /** The customer's own short texts by name. */
    metadata: jsonb('metadata').$type<Record<string, string>>().notNull().default({}),
    /** Counts what customers and the service changed about the endpoint as it is shown: the entity tag. */
    revision: integer('revision').notNull().default(1),
    /** Brought up to date once a minute at most. */
    lastSuccessAt: time('last_success_at'),
    /** The first failure since the last success; null while it succeeds. */
    failingSince: time('failing_since'),
    /** The `Idempotency-Key` of the request that made the row, and a digest of that request. */
    idempotencyKey: text('idempotency_key'),
    idempotencyDigest: bytea('idempotency_digest'),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
    deletedAt: time('deleted_at'),
  },
  (t) => [
    index('webhook_configs_live')
      .on(t.accountId)
      .where(sql`${t.deletedAt} IS NULL`),
    uniqueIndex('webhook_configs_idempotency')
      .on(t.accountId, t.idempotencyKey)
      .where(sql`${t.idempotencyKey} IS NOT NULL`),
    check('webhook_configs_rate_limit', sql`${t.rateLimit} > 0`),
    check('webhook_configs_idempotency_pair', sql`(${t.idempotencyKey} IS NULL) = (${t.idempotencyDigest} IS NULL)`),
    check('webhook_configs_status', isOneOf(t.status, WEBHOOK_STATUSES)),
    check('webhook_configs_secret_prev', sql`(${t.secretPrevEnc} IS NULL) = (${t.secretPrevExpiresAt} IS NULL)`),
  ],
);

/** One row an attempt. Partitioned by range of `delivery_id`, which is time order; see the migration. */
export const deliveryAttempts = hook.table(
  'delivery_attempts',
  {
    deliveryId: uuid('delivery_id').notNull(),
    attemptNumber: integer('attempt_number').notNull(),
    webhookId: uuid('webhook_id').notNull(),
    accountId: uuid('account_id').notNull(),
    eventId: text('event_id').notNull(),
    eventType: text('event_type').notNull(),
    cycle: integer('cycle').notNull().default(0),
    trigger: text('trigger').$type<AttemptTrigger>().notNull(),
    status: text('status').$type<AttemptStatus>().notNull(),
    outcome: text('outcome').$type<DeliveryOutcome>(),
    outcomeReason: text('outcome_reason').$type<OutcomeReason>(),
    isLatest: boolean('is_latest').notNull().default(true),
    responseStatus: integer('response_status'),
    errorCode: text('error_code').$type<AttemptErrorCode>(),
    responseBodyPreview: varchar('response_body_preview', { length: 512 }),
    durationMs: integer('duration_ms'),
    nextAttemptAt: time('next_attempt_at'),
    startedAt: time('started_at'),
    finishedAt: time('finished_at'),
    createdAt: time('created_at').notNull().defaultNow(),
    /** The body, on attempt 1 only; its text form is what is signed and sent, on every attempt. */
    payloadSnapshot: jsonb('payload_snapshot'),
    workflowId: text('workflow_id').notNull(),
    secretVersion: integer('secret_version'),
    requestedBy: text('requested_by'),
    requestReason: text('request_reason'),
  },
  (t) => [
    primaryKey({ columns: [t.deliveryId, t.attemptNumber] }),
    index('delivery_attempts_by_account')
      .on(t.accountId, t.deliveryId)
      .where(sql`${t.isLatest}`),
    index('delivery_attempts_by_webhook')
      .on(t.webhookId, t.deliveryId)
      .where(sql`${t.isLatest}`),
    index('delivery_attempts_by_event')
      .on(t.accountId, t.eventId)
      .where(sql`${t.isLatest}`),
    check('delivery_attempts_status', isOneOf(t.status, ATTEMPT_STATUSES)),
    check('delivery_attempts_outcome', sql`${t.outcome} IS NULL OR ${isOneOf(t.outcome, DELIVERY_OUTCOMES)}`),
  ],
);

export type WebhookRow = typeof webhookConfigs.$inferSelect;
export type AttemptRow = typeof deliveryAttempts.$inferSelect;
