/** A row that the recording statement answers. */
export interface RecordedRow {
  delivery_id: string;
  account_id: string;
  webhook_id: string;
  event_id: string;
  event_type: string;
  workflow_id: string;
  body: string | null;
  url: string;
  secret_enc: Buffer;
  secret_prev_enc: Buffer | null;
  secret_version: number;
  slow: boolean;
  revision: number;
  success_due: boolean;
  failure_due: boolean;
  rate_limit: number | null;
  status: 'pending' | 'skipped' | null;
}

export function toRecordedDelivery(row: RecordedRow): RecordedDelivery {
  const { delivery_id: deliveryId, workflow_id: workflowId, body, status } = row;
  if (status === null || body === null) return { kind: 'known', deliveryId, workflowId };
  if (status === 'skipped') return { kind: 'skipped', deliveryId, workflowId };
  const delivery: ReadyDelivery = {
    deliveryId,
    accountId: row.account_id,
    webhookId: row.webhook_id,
    eventId: row.event_id,
    eventType: row.event_type,
    workflowId,
    body,
    url: row.url,
    secretEnc: row.secret_enc,
    previousSecretEnc: row.secret_prev_enc ?? undefined,
    secretVersion: row.secret_version,
    slow: row.slow,
    revision: row.revision,
    shouldNoteSuccess: row.success_due,
    shouldNoteFailure: row.failure_due,
    rateLimit: row.rate_limit,
  };
  return { kind: 'ready', deliveryId, workflowId, delivery };
}

/** A delivery that was recorded just now, with all that its first attempt needs. */
export interface ReadyDelivery {
  deliveryId: string;
  accountId: string;
  webhookId: string;
  eventId: string;
  eventType: string;
  workflowId: string;
  /** The bytes to sign and send: the text form of `payload_snapshot`, never serialised again. */
  body: string;
  url: string;
  secretEnc: Buffer;
  previousSecretEnc?: Buffer | undefined;
  secretVersion: number;
  slow: boolean;
  revision: number;
  shouldNoteSuccess: boolean;
  shouldNoteFailure: boolean;
  /** Requests a second. */
  rateLimit: number | null;
}

/** What became of one event and one matching endpoint. */
export type RecordedDelivery =
  /** A new row of an enabled endpoint. */
  | { kind: 'ready'; deliveryId: string; workflowId: string; delivery: ReadyDelivery }
  /** `skipped`: a new row of a disabled endpoint, kept and replayable. `known`: this event had a delivery already. */
  | { kind: 'skipped' | 'known'; deliveryId: string; workflowId: string };
