import { countByStatus } from './count-by-status.js';
import type { DeliveryStatus } from '../../domain/delivery/statuses.js';
import { firstDeliveryIdAt } from '../../domain/delivery/delivery-id.js';
import { type Database, withAccounts } from '../client.js';
import { toDatabaseError } from '../errors.js';

/** Deliveries accepted from `fromMs` until before `toMs`, in milliseconds since 1970. */
export interface ReconciliationRange {
  /** Absent: all accounts. Only the role of deploy/postgres/reconciliation-role.sql sees them. */
  readonly accountId?: string | undefined;
  readonly fromMs: number;
  readonly toMs: number;
}

/** The deliveries of one account by state. `accepted` counts first attempts, the others count latest rows. */
export interface AccountDeliveryCounts extends Record<DeliveryStatus, number> {
  readonly accountId: string;
  readonly accepted: number;
  /** Ids of deliveries whose rows contradict each other, at most 100. */
  readonly contradictory: string[];
}

/**
 * False if row level security hides other accounts from this role: the table would look empty, and a reconciliation would find
 * no difference. @throws DatabaseError
 */
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
 * The rows of a delivery are sound if it has one first attempt and one latest row, and if status and outcome of the latest row
 * agree. All rows of a delivery have the same id, so a range is read once, in the order of the primary key.
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

/** Counts in one statement. The time limit of the role allows for about one hour of a busy day. @throws DatabaseError */
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

/** A delivery without an outcome, and the workflow that should be running for it. */
export interface WaitingDeliveryRow {
  readonly deliveryId: string;
  readonly accountId: string;
  readonly workflowId: string;
  /** Null while its first attempt is being made. */
  readonly nextAttemptAt: Date | null;
}

const WAITING_DELIVERIES = `
  SELECT delivery_id AS "deliveryId", account_id AS "accountId", workflow_id AS "workflowId",
         next_attempt_at AS "nextAttemptAt"
  FROM hook.delivery_attempts
  WHERE delivery_id >= $1 AND delivery_id < $2 AND ($3::uuid IS NULL OR account_id = $3)
    AND is_latest AND outcome IS NULL AND ($4::uuid IS NULL OR delivery_id > $4)
  ORDER BY delivery_id LIMIT $5`;

/** Lists the next page of waiting deliveries, by id. @throws DatabaseError */
export async function listWaitingDeliveries(
  db: Database,
  range: ReconciliationRange,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<WaitingDeliveryRow[]> {
  const values = [...rangeValues(range), after ?? null, limit];
  const { rows } = await queryAsRole<WaitingDeliveryRow>(db, range.accountId, { text: WAITING_DELIVERIES, values });
  return rows;
}

const rangeValues = ({ accountId, fromMs, toMs }: ReconciliationRange) => [
  firstDeliveryIdAt(fromMs),
  firstDeliveryIdAt(toMs),
  accountId ?? null,
];

interface SqlQuery {
  readonly text: string;
  readonly values: unknown[];
}

/** The service's role has to name the account that it reads. The reconciliation role reads all accounts without naming them. */
const queryAsRole = <Row extends object>(db: Database, accountId: string | undefined, query: SqlQuery) =>
  accountId === undefined
    ? mapQueryError(() => db.query<Row>(query))
    : withAccounts(db, [accountId], (client) => client.query<Row>(query));

const mapQueryError = <T>(query: () => Promise<T>): Promise<T> =>
  query().catch((error: unknown) => {
    throw toDatabaseError(error);
  });
