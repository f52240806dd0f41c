import { firstDeliveryIdAt } from '../domain/delivery/delivery-id.js';
import type { World } from './start-world.js';

export interface Stored {
  /** Rows in all. One fifth lies in the current week, the rest in the weeks before. */
  readonly rows: number;
  /** Whose endpoint every tenth row is. */
  readonly accountId: string;
  readonly webhookId: string;
  /** All of them in the current week instead. */
  readonly thisWeek?: boolean;
}

/** Weeks in the past, old enough that no migration has made a partition for them. */
const WEEKS = 8;
const FIRST_WEEK = 12;
const WEEK_MS = 7 * 86_400_000;
const ACCOUNTS = 1_000;

/** Delivered first attempts as they would be after months, made by SQL. Old weeks get their indexes when they are whole. */
export async function fillAttempts(
  { admin }: Pick<World, 'admin'>,
  { rows, accountId, webhookId, thisWeek = false }: Stored,
): Promise<void> {
  const insert = async (table: string, weekMs: number, count: number): Promise<void> => {
    await admin.query(
      `INSERT INTO ${table} (delivery_id, attempt_number, webhook_id, account_id, event_id, event_type, trigger, status, outcome,
         response_status, duration_ms, started_at, finished_at, payload_snapshot, workflow_id, secret_version)
       SELECT (lpad(to_hex($1::bigint + n * $3::bigint / $2), 12, '0') || '7' || substr(h, 1, 3) || '8' || substr(h, 4, 15))::uuid, 1,
         CASE WHEN n % 10 = 0 THEN $4::uuid ELSE md5('w' || n % ${ACCOUNTS})::uuid END,
         CASE WHEN n % 10 = 0 THEN $5::uuid ELSE md5('a' || n % ${ACCOUNTS})::uuid END,
         'evt_' || substr(h, 1, 16), 'message.delivered', 'dispatch', 'succeeded', 'delivered', 204, 12, now(), now(),
         jsonb_build_object('id', 'evt_' || substr(h, 1, 16), 'type', 'message.delivered', 'timestamp', now(),
           'data', jsonb_build_object('messageId', h, 'to', '+999000000001', 'channel', 'sms', 'parts', 1)),
         'wh-' || h, 1
       FROM generate_series(1, $2::bigint) AS n CROSS JOIN LATERAL md5($1::text || n) AS h`,
      [weekMs, count, WEEK_MS - 1, webhookId, accountId],
    );
  };
  const monday = mondayOf(Date.now());
  for (let n = 0; n < (thisWeek ? 0 : WEEKS); n += 1) {
    const week = monday - (FIRST_WEEK - n) * WEEK_MS;
    const name = `hook.delivery_attempts_${new Date(week).toISOString().slice(0, 10).replaceAll('-', '')}`;
    await admin.query(`CREATE TABLE ${name} (LIKE hook.delivery_attempts INCLUDING DEFAULTS INCLUDING CONSTRAINTS)`);
    await admin.query(`ALTER TABLE ${name} OWNER TO hook_owner`);
    await insert(name, week, Math.floor((rows * 0.8) / WEEKS));
    const bounds = [week, week + WEEK_MS].map((ms) => `('${firstDeliveryIdAt(ms)}')`);
    await admin.query(
      `ALTER TABLE hook.delivery_attempts ATTACH PARTITION ${name} FOR VALUES FROM ${bounds[0] ?? ''} TO ${bounds[1] ?? ''}`,
    );
    await admin.query(`VACUUM (ANALYZE) ${name}`);
  }
  await insert('hook.delivery_attempts', monday, Math.floor(thisWeek ? rows : rows * 0.2));
  await admin.query('VACUUM (ANALYZE) hook.delivery_attempts');
}

/** 1970-01-01 was a Thursday. */
const mondayOf = (ms: number): number => Math.floor((ms + 3 * (WEEK_MS / 7)) / WEEK_MS) * WEEK_MS - 3 * (WEEK_MS / 7);
