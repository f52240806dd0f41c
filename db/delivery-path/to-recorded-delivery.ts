/** A row that the statement of `recordDeliveries` returns. */
export interface RecordedRow {
  readonly delivery_id: string;
  readonly account_id: string;
  readonly webhook_id: string;
  readonly event_id: string;
  readonly event_type: string;
  readonly workflow_id: string;
  readonly body: string | null;
  readonly url: string;
  readonly secret_enc: Buffer;
  readonly secret_prev_enc: Buffer | null;
  readonly secret_version: number;
  readonly slow: boolean;
  readonly revision: number;
  readonly success_due: boolean;
  readonly failure_due: boolean;
  readonly rate_limit: number | null;
  readonly status: 'pending' | 'skipped' | null;
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

/** A delivery that was just recorded, with the data that its first attempt needs. */
export interface ReadyDelivery {
  readonly deliveryId: string;
  readonly accountId: string;
  readonly webhookId: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly workflowId: string;
  /** The body to sign and send: the text form of `payload_snapshot`, never serialized again. */
  readonly body: string;
  readonly url: string;
  readonly secretEnc: Buffer;
  readonly previousSecretEnc?: Buffer | undefined;
  readonly secretVersion: number;
  readonly slow: boolean;
  readonly revision: number;
  readonly shouldNoteSuccess: boolean;
  readonly shouldNoteFailure: boolean;
  /** Requests a second. */
  readonly rateLimit: number | null;
}

/** The result of recording one event for one matching endpoint. */
export type RecordedDelivery =
  /** A new row for an enabled endpoint. */
  | { kind: 'ready'; deliveryId: string; workflowId: string; delivery: ReadyDelivery }
  /** `skipped`: a new row for a disabled endpoint, which can be replayed. `known`: a duplicate, this event has a delivery. */
  | { kind: 'skipped' | 'known'; deliveryId: string; workflowId: string };
