import type {
  AttemptErrorCode,
  DeliveryOutcome,
  OutcomeReason,
  ReplayableOutcome,
} from '../../domain/delivery/statuses.js';
import { type Database, runPreparedInAccount } from '../client.js';

/** The state of a delivery as its dead letter reports it. */
export interface DeliveryRecord {
  readonly deliveryId: string;
  readonly webhookId: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly cycle: number;
  readonly outcome: DeliveryOutcome | null;
  readonly attempts: number;
  readonly lastErrorCode: AttemptErrorCode | null;
  readonly lastResponseStatus: number | null;
  readonly firstAttemptAt: Date | null;
  readonly lastAttemptAt: Date | null;
  readonly workflowId: string;
}

/** Reads each delivery's latest row, with the start of its first attempt. @throws DatabaseError */
export async function readDeliveryRecords(
  db: Database,
  accountId: string,
  deliveryIds: string[],
): Promise<DeliveryRecord[]> {
  const { rows } = await runPreparedInAccount<DeliveryRecord>(db, accountId, {
    name: 'read_delivery_records',
    text: `
      SELECT a.delivery_id AS "deliveryId", a.webhook_id AS "webhookId", a.event_id AS "eventId", a.event_type AS "eventType",
             a.cycle, a.outcome, a.attempt_number AS attempts, a.error_code AS "lastErrorCode",
             a.response_status AS "lastResponseStatus", f.started_at AS "firstAttemptAt", a.started_at AS "lastAttemptAt",
             a.workflow_id AS "workflowId"
      FROM hook.delivery_attempts a
      JOIN hook.delivery_attempts f ON f.delivery_id = a.delivery_id AND f.attempt_number = 1 AND f.account_id = $1
      WHERE a.delivery_id = ANY ($2::uuid[]) AND a.account_id = $1 AND a.is_latest`,
    values: [accountId, deliveryIds],
  });
  return rows;
}

export interface SetOutcomesRequest {
  readonly accountId: string;
  readonly deliveryIds: string[];
  /** Deliveries in a later cycle than this keep their state. Absent: the cycle does not matter. */
  readonly cycle?: number | undefined;
  readonly outcome: ReplayableOutcome;
  readonly reason: OutcomeReason;
}

/**
 * Ends waiting deliveries: sets the outcome on their latest row. A delivery that has an outcome keeps it. Returns the number
 * of deliveries that got the outcome. @throws DatabaseError
 */
export async function setOutcomes(db: Database, request: SetOutcomesRequest): Promise<number> {
  const { accountId, deliveryIds, cycle, outcome, reason } = request;
  const { rowCount } = await runPreparedInAccount(db, accountId, {
    name: 'set_outcomes',
    text: `UPDATE hook.delivery_attempts
           SET outcome = $3, outcome_reason = $4, next_attempt_at = NULL, finished_at = coalesce(finished_at, now()),
               status = CASE WHEN status <> 'pending' THEN status WHEN $3 = 'skipped_disabled' THEN 'skipped' ELSE 'canceled' END
           WHERE delivery_id = ANY ($2::uuid[]) AND account_id = $1 AND is_latest AND outcome IS NULL
             AND cycle <= coalesce($5, cycle)`,
    values: [accountId, deliveryIds, outcome, reason, cycle],
  });
  return rowCount ?? 0;
}
