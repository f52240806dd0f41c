import type {
  AttemptErrorCode,
  DeliveryOutcome,
  OutcomeReason,
  ReplayableOutcome,
} from '../../domain/delivery/statuses.js';
import { type Database, runPreparedInAccount } from '../client.js';

/** A delivery as a dead letter tells it. */
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

/** The latest row of each delivery with what the rows before it add. @throws DatabaseError */
export async function readDeliveryRecords(
  db: Database,
  accountId: string,
  deliveryIds: string[],
): Promise<DeliveryRecord[]> {
  const { rows } = await runPreparedInAccount<DeliveryRecord>(db, accountId, {
    name: 'read_deliveries',
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
  /** Deliveries that a later cycle works on are left alone. Absent: whatever cycle they are in. */
  readonly cycle?: number | undefined;
  readonly outcome: ReplayableOutcome;
  readonly reason: OutcomeReason;
}

/**
 * Ends deliveries that wait: sets the outcome on their latest row, and answers how many that were. One that has an outcome
 * keeps it. @throws DatabaseError
 */
export async function setOutcomes(db: Database, settlement: SetOutcomesRequest): Promise<number> {
  const { accountId, deliveryIds, cycle, outcome, reason } = settlement;
  const { rowCount } = await runPreparedInAccount(db, accountId, {
    name: 'settle_deliveries',
    text: `UPDATE hook.delivery_attempts
           SET outcome = $3, outcome_reason = $4, next_attempt_at = NULL, finished_at = coalesce(finished_at, now()),
               status = CASE WHEN status <> 'pending' THEN status WHEN $3 = 'skipped_disabled' THEN 'skipped' ELSE 'canceled' END
           WHERE delivery_id = ANY ($2::uuid[]) AND account_id = $1 AND is_latest AND outcome IS NULL
             AND cycle <= coalesce($5, cycle)`,
    values: [accountId, deliveryIds, outcome, reason, cycle],
  });
  return rowCount ?? 0;
}
