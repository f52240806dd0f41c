import type { WebhookStatus } from '../../domain/delivery/webhook-status.js';
import type {
  AttemptErrorCode,
  AttemptStatus,
  DeliveryOutcome,
  FinishedAttemptStatus,
} from '../../domain/delivery/statuses.js';
import type { AttemptRequest } from '../../contracts/workflows/deliver-webhook.js';
import { type Database, runPreparedInAccount } from '../client.js';
import { SHOULD_NOTE_FAILURE_SQL, SHOULD_NOTE_SUCCESS_SQL } from './note-endpoints.js';

/** The data that an attempt needs: the endpoint as it is configured now, and the body from the delivery's first row. */
export interface AttemptContext {
  readonly deliveryId: string;
  readonly accountId: string;
  readonly webhookId: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly body: string;
  /** Undefined when the endpoint was deleted. */
  readonly endpoint: EndpointContext | undefined;
  /** The row of this attempt if it has finished already: its activity runs again after the row was written. */
  readonly finished: FinishedAttempt | undefined;
}

export interface EndpointContext {
  readonly url: string;
  readonly secretEnc: Buffer;
  /** The previous secret, during its grace period. */
  readonly previousSecretEnc?: Buffer | undefined;
  readonly secretVersion: number;
  readonly status: WebhookStatus;
  readonly slow: boolean;
  /** Counts the changes of the endpoint. The note of this attempt applies to this revision only. */
  readonly revision: number;
  /** Whether a success, or a failure, is to be noted in the endpoint's row. */
  readonly shouldNoteSuccess: boolean;
  readonly shouldNoteFailure: boolean;
  /** Requests a second at most, as the customer set it; null: no limit. */
  readonly rateLimit: number | null;
}

export interface FinishedAttempt {
  readonly status: FinishedAttemptStatus;
  readonly outcome: DeliveryOutcome | null;
  readonly responseStatus: number | null;
  readonly errorCode: AttemptErrorCode | null;
  /** Planned delay in milliseconds between the end of this attempt and the next one. */
  readonly nextDelayMs: number | null;
}

export interface EndpointColumns {
  readonly live: boolean;
  readonly url: string | null;
  readonly secret_enc: Buffer | null;
  readonly secret_prev_enc: Buffer | null;
  readonly secret_version: number | null;
  readonly endpoint_status: WebhookStatus | null;
  readonly slow: boolean | null;
  readonly revision: number | null;
  readonly success_due: boolean | null;
  readonly failure_due: boolean | null;
  readonly rate_limit: number | null;
}

export interface FinishedAttemptColumns {
  readonly finished_status: AttemptStatus | null;
  readonly outcome: DeliveryOutcome | null;
  readonly response_status: number | null;
  readonly error_code: AttemptErrorCode | null;
  readonly next_delay_ms: number | null;
}

interface AttemptContextRow extends EndpointColumns, FinishedAttemptColumns {
  readonly delivery_id: string;
  readonly account_id: string;
  readonly webhook_id: string;
  readonly event_id: string;
  readonly event_type: string;
  readonly body: string;
}

/** Selects from the endpoint's row `w`, which a left join leaves empty when the endpoint was deleted. */
export const ENDPOINT_COLUMNS = `w.id IS NOT NULL AS live, w.url, w.secret_enc, w.secret_version,
           CASE WHEN w.secret_prev_expires_at > now() THEN w.secret_prev_enc END AS secret_prev_enc,
           w.status AS endpoint_status, w.slow_until > now() AS slow, w.rate_limit,
           w.revision, ${SHOULD_NOTE_SUCCESS_SQL} AS success_due, ${SHOULD_NOTE_FAILURE_SQL} AS failure_due`;

/** Selects from the attempt's row `a`. */
export const FINISHED_ATTEMPT_COLUMNS = `a.status AS finished_status, a.outcome, a.response_status, a.error_code,
           (extract(epoch FROM a.next_attempt_at - a.finished_at) * 1000)::int AS next_delay_ms`;

const LOAD = {
  name: 'load_attempts',
  text: `
    SELECT f.delivery_id, f.account_id, f.webhook_id, f.event_id, f.event_type,
           f.payload_snapshot::text AS body, ${ENDPOINT_COLUMNS}, ${FINISHED_ATTEMPT_COLUMNS}
    FROM unnest($2::uuid[], $3::int[]) AS q (delivery_id, attempt)
    JOIN hook.delivery_attempts f ON f.delivery_id = q.delivery_id AND f.attempt_number = 1 AND f.account_id = $1
    LEFT JOIN hook.delivery_attempts a ON a.delivery_id = q.delivery_id AND a.attempt_number = q.attempt
      AND a.account_id = $1 AND a.status <> 'pending'
    LEFT JOIN hook.webhook_configs w ON w.id = f.webhook_id AND w.account_id = $1 AND w.deleted_at IS NULL`,
};

/** Loads the contexts of attempts. A delivery without any row is missing from the result. @throws DatabaseError */
export async function loadAttempts(
  db: Database,
  accountId: string,
  requests: readonly Pick<AttemptRequest, 'deliveryId' | 'attempt'>[],
): Promise<AttemptContext[]> {
  const values = [accountId, requests.map((r) => r.deliveryId), requests.map((r) => r.attempt)];
  const { rows } = await runPreparedInAccount<AttemptContextRow>(db, accountId, { ...LOAD, values });
  return rows.map((row) => ({
    deliveryId: row.delivery_id,
    accountId: row.account_id,
    webhookId: row.webhook_id,
    eventId: row.event_id,
    eventType: row.event_type,
    body: row.body,
    endpoint: toEndpointContext(row),
    finished: toFinishedAttempt(row),
  }));
}

export function toEndpointContext(row: EndpointColumns): EndpointContext | undefined {
  const { url, secret_enc, secret_version, endpoint_status } = row;
  if (!row.live || url === null || secret_enc === null || secret_version === null || endpoint_status === null)
    return undefined;
  return {
    url,
    secretEnc: secret_enc,
    previousSecretEnc: row.secret_prev_enc ?? undefined,
    secretVersion: secret_version,
    status: endpoint_status,
    slow: row.slow ?? false,
    revision: row.revision ?? 1,
    shouldNoteSuccess: row.success_due ?? false,
    shouldNoteFailure: row.failure_due ?? false,
    rateLimit: row.rate_limit,
  };
}

export function toFinishedAttempt(row: FinishedAttemptColumns): FinishedAttempt | undefined {
  if (row.finished_status === null || row.finished_status === 'pending') return undefined;
  return {
    status: row.finished_status,
    outcome: row.outcome,
    responseStatus: row.response_status,
    errorCode: row.error_code,
    nextDelayMs: row.next_delay_ms,
  };
}
