import type { Attempt, Delivery, DeliveryDetail } from '../contracts/attempt.js';
import type { Webhook } from '../contracts/webhook.js';
import type { DeliveryAttemptRow, DeliveryRow } from '../db/deliveries.js';
import type { WebhookRecord } from '../db/webhooks.js';
import { deliveryTimeMs } from '../domain/delivery/delivery-id.js';

/** Rows become answers field by field, so that a new column is shown on purpose or not at all. */

const timeOf = (date: Date | null): string | null => date?.toISOString() ?? null;

export const presentWebhook = (row: WebhookRecord): Webhook => ({
  id: row.id,
  url: row.url,
  description: row.description,
  eventTypes: row.eventTypes,
  status: row.status,
  disabledReason: row.disabledReason,
  disabledAt: timeOf(row.disabledAt),
  secretVersion: row.secretVersion,
  previousSecretExpiresAt: timeOf(row.previousSecretExpiresAt),
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});

export const presentDelivery = (row: DeliveryRow): Delivery => ({
  id: row.deliveryId,
  webhookId: row.webhookId,
  eventId: row.eventId,
  eventType: row.eventType,
  status: row.outcome ?? 'pending',
  outcomeReason: row.outcomeReason,
  attemptCount: row.attemptNumber,
  cycle: row.cycle,
  lastResponseStatus: row.responseStatus,
  lastErrorCode: row.errorCode,
  nextAttemptAt: timeOf(row.nextAttemptAt),
  createdAt: new Date(deliveryTimeMs(row.deliveryId)).toISOString(),
  workflowId: row.workflowId,
});

const presentAttempt = (row: DeliveryAttemptRow): Attempt => ({
  number: row.attemptNumber,
  cycle: row.cycle,
  trigger: row.trigger,
  status: row.status,
  responseStatus: row.responseStatus,
  errorCode: row.errorCode,
  responseBodyPreview: row.responseBodyPreview,
  durationMs: row.durationMs,
  startedAt: timeOf(row.startedAt),
  finishedAt: timeOf(row.finishedAt),
  secretVersion: row.secretVersion,
  requestedBy: row.requestedBy,
  requestReason: row.requestReason,
});

/** `undefined` for no rows: there is no such delivery. */
export function presentDeliveryDetail(rows: readonly DeliveryAttemptRow[]): DeliveryDetail | undefined {
  const latest = rows.find((row) => row.isLatest) ?? rows.at(-1);
  if (latest === undefined) return undefined;
  const payload = (rows[0]?.payloadSnapshot ?? null) as DeliveryDetail['payload'];
  return { ...presentDelivery(latest), payload, attempts: rows.map(presentAttempt) };
}
