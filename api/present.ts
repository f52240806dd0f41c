import type { Attempt, Delivery, DeliveryDetail } from '../contracts/rest/delivery.js';
import type { Webhook } from '../contracts/rest/webhook.js';
import type { DeliveryAttemptRow, DeliveryRow } from '../db/queries/deliveries.js';
import type { DeliveryHealth } from '../db/queries/delivery-health.js';
import type { WebhookContent, WebhookRecord } from '../db/webhooks/webhook-record.js';
import { deliveryTimeMs } from '../domain/delivery/delivery-id.js';

/** Rows become responses field by field, so that a new column is never shown by accident. */

const toIsoTimeOrNull = (date: Date | null): string | null => date?.toISOString() ?? null;

/** `satisfies`: a field of the content that is forgotten here does not compile, even if the contract lacks it too. */
export const presentWebhook = (row: WebhookRecord, deliveries?: DeliveryHealth): Webhook =>
  ({
    id: row.id,
    url: row.url,
    description: row.description,
    eventTypes: row.eventTypes,
    metadata: row.metadata,
    rateLimit: row.rateLimit,
    status: row.status,
    disabledReason: row.disabledReason,
    disabledNote: row.disabledNote,
    disabledAt: toIsoTimeOrNull(row.disabledAt),
    secretVersion: row.secretVersion,
    previousSecretExpiresAt: toIsoTimeOrNull(row.previousSecretExpiresAt),
    health: {
      lastSuccessAt: toIsoTimeOrNull(row.lastSuccessAt),
      failingSince: toIsoTimeOrNull(row.failingSince),
      ...presentHealth(deliveries),
    },
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }) satisfies Webhook & Record<keyof WebhookContent, unknown>;

function presentHealth({ examined, waiting, succeeded, failed }: DeliveryHealth = NO_DELIVERIES) {
  const attempted = succeeded + failed;
  const successRatio = attempted === 0 ? null : Math.round((succeeded / attempted) * 10_000) / 10_000;
  return { successRatio, waitingCount: waiting, examinedCount: examined };
}

const NO_DELIVERIES: DeliveryHealth = { examined: 0, waiting: 0, succeeded: 0, failed: 0 };

export const presentDelivery = (row: DeliveryRow): Delivery => ({
  id: row.deliveryId,
  webhookId: row.webhookId,
  eventId: row.eventId,
  eventType: row.eventType,
  status: row.outcome ?? 'waiting',
  outcomeReason: row.outcomeReason,
  attemptCount: row.attemptNumber,
  cycle: row.cycle,
  lastResponseStatus: row.responseStatus,
  lastErrorCode: row.errorCode,
  nextAttemptAt: toIsoTimeOrNull(row.nextAttemptAt),
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
  startedAt: toIsoTimeOrNull(row.startedAt),
  finishedAt: toIsoTimeOrNull(row.finishedAt),
  secretVersion: row.secretVersion,
  requestedBy: row.requestedBy,
  requestReason: row.requestReason,
});

/** `undefined` without rows: the delivery does not exist. */
export function presentDeliveryDetail(rows: readonly DeliveryAttemptRow[]): DeliveryDetail | undefined {
  const latest = rows.find((row) => row.isLatest) ?? rows.at(-1);
  if (latest === undefined) return undefined;
  const payload = (rows[0]?.payloadSnapshot ?? null) as DeliveryDetail['payload'];
  return { ...presentDelivery(latest), payload, attempts: rows.map(presentAttempt) };
}
