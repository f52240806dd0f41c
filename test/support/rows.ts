import { randomBytes, randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { MessageToRecord } from '../../db/delivery-path/record-deliveries.js';
import { eventWorkflowId } from '../../domain/delivery/workflow-id.js';

export interface WebhookSeed {
  eventTypes?: string[] | null;
  status?: 'enabled' | 'disabled';
  url?: string;
  deleted?: boolean;
  slow?: boolean;
}

/** A webhook as if it had been registered, with a sealed secret of random bytes. Returns its id. */
export async function seedWebhook(admin: pg.Pool, accountId: string, seed: WebhookSeed = {}): Promise<string> {
  const { eventTypes = null, status = 'enabled', url = 'https://a.example.com/', deleted = false, slow = false } = seed;
  const id = randomUUID();
  await admin.query(
    `INSERT INTO hook.webhook_configs (id, account_id, url, event_types, secret_enc, status, deleted_at, slow_until)
     VALUES ($1, $2, $3, $4, $5, $6, CASE WHEN $7 THEN now() END, CASE WHEN $8 THEN now() + interval '5 min' END)`,
    [id, accountId, url, eventTypes, randomBytes(64), status, deleted, slow],
  );
  return id;
}

export interface MessageSeed {
  eventId?: string;
  eventType?: string;
  receivedAtMs?: number;
  /** JSON text of the event's data. */
  data?: string;
}

/** A message of one event, as the bridge passes it on after decoding. */
export function messageOf(accountId: string, seed: MessageSeed = {}): MessageToRecord {
  const {
    eventId = `evt_${randomUUID()}`,
    eventType = 'order.paid',
    receivedAtMs = Date.now(),
    data = '{"n":1}',
  } = seed;
  const timestamp = '2026-11-23T10:00:00Z';
  const raw = `{"id":"${eventId}","type":"${eventType}","timestamp":"${timestamp}","accountId":"${accountId}","data":${data}}`;
  const events = [{ eventId, eventType, timestamp, position: null }];
  return { accountId, workflowId: eventWorkflowId(accountId, eventId), receivedAtMs, raw, events };
}

export interface AttemptView {
  deliveryId: string;
  attempt: number;
  webhookId: string;
  cycle: number;
  trigger: string;
  status: string;
  outcome: string | null;
  outcomeReason: string | null;
  isLatest: boolean;
  responseStatus: number | null;
  errorCode: string | null;
  preview: string | null;
  durationMs: number | null;
  startedAt: Date | null;
  finishedAt: Date | null;
  nextAttemptAt: Date | null;
  body: string | null;
  workflowId: string;
  secretVersion: number | null;
  requestedBy: string | null;
  requestReason: string | null;
  /** The table that holds it. */
  partition: string;
}

/** Every attempt of an account, by delivery and number. */
export async function attemptsOf(admin: pg.Pool, accountId: string): Promise<AttemptView[]> {
  const { rows } = await admin.query<AttemptView>(
    `SELECT delivery_id AS "deliveryId", attempt_number AS attempt, webhook_id AS "webhookId", cycle, trigger, status, outcome,
            outcome_reason AS "outcomeReason", is_latest AS "isLatest", response_status AS "responseStatus",
            error_code AS "errorCode", response_body_preview AS preview, duration_ms AS "durationMs",
            started_at AS "startedAt", finished_at AS "finishedAt", next_attempt_at AS "nextAttemptAt",
            payload_snapshot::text AS body, workflow_id AS "workflowId", secret_version AS "secretVersion",
            requested_by AS "requestedBy", request_reason AS "requestReason", tableoid::regclass::text AS partition
     FROM hook.delivery_attempts WHERE account_id = $1 ORDER BY delivery_id, attempt_number`,
    [accountId],
  );
  return rows;
}
