import { firstDeliveryIdAt } from '../../domain/delivery/delivery-id.js';
import { type Database, withAccounts } from '../client.js';

/** The state of an endpoint's newest deliveries. */
export interface DeliveryHealth {
  /** Number of newest deliveries that the other counts are about. */
  readonly examined: number;
  /** Without an outcome. */
  readonly waiting: number;
  /** Since the given time, by their latest attempt. */
  readonly succeeded: number;
  readonly failed: number;
}

/** Limits the rows that are read for a busy endpoint. */
const MAX_HEALTH_DELIVERIES = 1_000;

const HEALTH = {
  name: 'delivery_health',
  text: `
    SELECT w.id AS "webhookId", h.*
    FROM unnest($2::uuid[]) AS w (id)
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS examined,
             (count(*) FILTER (WHERE outcome IS NULL))::int AS waiting,
             (count(*) FILTER (WHERE recent AND status = 'succeeded'))::int AS succeeded,
             (count(*) FILTER (WHERE recent AND status = 'failed'))::int AS failed
      FROM (SELECT a.outcome, a.status, a.delivery_id >= $3 AND a.trigger <> 'test' AS recent
            FROM hook.delivery_attempts a
            WHERE a.webhook_id = w.id AND a.account_id = $1 AND a.is_latest
            ORDER BY a.delivery_id DESC LIMIT ${String(MAX_HEALTH_DELIVERIES)}) AS newest) AS h`,
};

export interface DeliveryHealthQuery {
  readonly webhookIds: readonly string[];
  /** Milliseconds since 1970. */
  readonly sinceMs: number;
}

/** The health of each webhook, by webhook id. @throws DatabaseError */
export async function readDeliveryHealth(
  db: Database,
  accountId: string,
  { webhookIds, sinceMs }: DeliveryHealthQuery,
): Promise<Map<string, DeliveryHealth>> {
  if (webhookIds.length === 0) return new Map();
  const values = [accountId, webhookIds, firstDeliveryIdAt(Math.max(0, Math.floor(sinceMs)))];
  const { rows } = await withAccounts(db, [accountId], (client) =>
    client.query<DeliveryHealth & { webhookId: string }>({ ...HEALTH, values }),
  );
  return new Map(rows.map(({ webhookId, ...health }) => [webhookId, health]));
}
