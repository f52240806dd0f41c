import { countByStatus } from './count-by-status.js';
import type { DeliveryStatus } from '../../domain/delivery/statuses.js';
import { firstDeliveryIdAt } from '../../domain/delivery/delivery-id.js';
import { type Database, withAccounts } from '../client.js';
import { toDatabaseError } from '../errors.js';

/** Which deliveries: those that were accepted from one time until before another, in milliseconds since 1970. */
export interface ReconciliationRange {
  /** Absent: all accounts, which only the role of deploy/postgres/reconciliation-role.sql sees. */
  readonly accountId?: string | undefined;
  readonly fromMs: number;
  readonly toMs: number;
}

/** What one account's deliveries came to. `accepted` is counted by first attempts, the others by latest rows. */
export interface AccountDeliveryCounts extends Record<DeliveryStatus, number> {
  readonly accountId: string;
  readonly accepted: number;
  /** Ids of deliveries whose rows contradict each other, a hundred at most. */
  readonly contradictory: string[];
}

/** False for a role that row level security blinds: to it the table looks empty and the books balance. @throws DatabaseError */
export async function canReadAllDeliveries(db: Database): Promise<boolean> {
  const { rows } = await mapQueryError(() => db.query<{ sees: boolean }>(CAN_READ_ALL_DELIVERIES_SQL));
  return rows[0]?.sees === true;
}

const CAN_READ_ALL_DELIVERIES_SQL = `
  SELECT EXISTS (
    SELECT FROM pg_catalog.pg_policies
    WHERE schemaname = 'hook' AND tablename = 'delivery_attempts' AND policyname = 'reconciliation_of_all_accounts'
      AND current_user = ANY (roles)) AS sees`;

/**
 * A delivery has one first attempt and one latest row, and the latest row either waits or has its outcome and an end. All
 * rows of a delivery lie in the range of its id, so a range is read once, in the order of the primary key.
 */
const DELIVERY_COUNTS = `
  WITH deliveries AS (
    SELECT account_id, delivery_id,
           count(*) FILTER (WHERE attempt_number = 1) = 1 AND count(*) FILTER (WHERE is_latest) = 1
             AND bool_and(CASE WHEN NOT is_latest THEN true WHEN outcome IS NULL THEN status IN ('pending', 'failed')
                               ELSE (outcome = 'delivered') = (status = 'succeeded') END) AS sound,
           bool_or(attempt_number = 1) AS accepted,
           bool_or(is_latest AND outcome IS NULL) AS waiting,
           max(outcome) FILTER (WHERE is_latest) AS outcome
    FROM hook.delivery_attempts
    WHERE delivery_id >= $1 AND delivery_id < $2 AND ($3::uuid IS NULL OR account_id = $3)
    GROUP BY account_id, delivery_id
  )
  SELECT account_id AS "accountId",
         (count(*) FILTER (WHERE accepted))::int AS accepted,
         ${countByStatus('outcome')},
         coalesce((array_agg(delivery_id::text ORDER BY delivery_id) FILTER (WHERE NOT sound))[1:100], '{}') AS contradictory
  FROM deliveries GROUP BY account_id ORDER BY account_id`;

/** One statement over one range: an hour of a busy day is as much as the limits of the role allow for. @throws DatabaseError */
export async function countDeliveriesByAccount(
  db: Database,
  range: ReconciliationRange,
): Promise<AccountDeliveryCounts[]> {
  const { rows } = await queryAsRole<AccountDeliveryCounts>(db, range.accountId, {
    text: DELIVERY_COUNTS,
    values: rangeValues(range),
  });
  return rows;
}

/** A delivery without an outcome, and the workflow that must be working on it. */
export interface WaitingDeliveryRow {
  readonly deliveryId: string;
  readonly accountId: string;
  readonly workflowId: string;
  /** Null while its first attempt is being made. */
  readonly nextAttemptAt: Date | null;
}

const WAITING = `
  SELECT delivery_id AS "deliveryId", account_id AS "accountId", workflow_id AS "workflowId",
         next_attempt_at AS "nextAttemptAt"
  FROM hook.delivery_attempts
  WHERE delivery_id >= $1 AND delivery_id < $2 AND ($3::uuid IS NULL OR account_id = $3)
    AND is_latest AND outcome IS NULL AND ($4::uuid IS NULL OR delivery_id > $4)
  ORDER BY delivery_id LIMIT $5`;

/** The next page of deliveries that wait, by id. @throws DatabaseError */
export async function listWaitingDeliveries(
  db: Database,
  range: ReconciliationRange,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<WaitingDeliveryRow[]> {
  const values = [...rangeValues(range), after ?? null, limit];
  const { rows } = await queryAsRole<WaitingDeliveryRow>(db, range.accountId, { text: WAITING, values });
  return rows;
}

const rangeValues = ({ accountId, fromMs, toMs }: ReconciliationRange) => [
  firstDeliveryIdAt(fromMs),
  firstDeliveryIdAt(toMs),
  accountId ?? null,
];

interface Question {
  readonly text: string;
  readonly values: unknown[];
}

/** The service's role is shown one account; the role of the books sees all without naming any. */
const queryAsRole = <Row extends object>(db: Database, accountId: string | undefined, question: Question) =>
  accountId === undefined
    ? mapQueryError(() => db.query<Row>(question))
    : withAccounts(db, [accountId], (client) => client.query<Row>(question));

const mapQueryError = <T>(query: () => Promise<T>): Promise<T> =>
  query().catch((error: unknown) => {
    throw toDatabaseError(error);
  });
