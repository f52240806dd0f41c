import { createHash } from 'node:crypto';
import type pg from 'pg';

const DELIVERIES = 900_000;
const WEEKS = 8;
const STEP_MS = Math.floor((WEEKS * 7 * 86_400_000) / DELIVERIES);

const uuidOf = (name: string): string =>
  createHash('md5')
    .update(name)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/**
 * A million attempts of the last eight weeks: two deliveries in five are the big account's, three quarters of them its webhook's;
 * the rest is spread over twelve hundred accounts. Only the big account's first ones were dead-lettered, and every ninth
 * delivery took two attempts.
 */
export async function fillWithDeliveries(admin: pg.Pool) {
  const beginMs = Date.now() - WEEKS * 7 * 86_400_000;
  await admin.query(`SELECT hook.ensure_attempt_partitions(to_timestamp($1 / 1000.0)::date, ${String(WEEKS + 2)})`, [
    beginMs,
  ]);
  await withoutIndexes(admin, () => admin.query(FILL, [beginMs]));
  await admin.query('ANALYZE hook.delivery_attempts');
  const timeOf = (n: number) => beginMs + n * STEP_MS;
  return { accountId: uuidOf('a0'), webhookId: uuidOf('w0'), otherAccountId: uuidOf('a7'), timeOf, count: DELIVERIES };
}

/** Building an index of a million rows takes a tenth of the time that a million insertions into it take. */
async function withoutIndexes(admin: pg.Pool, work: () => Promise<unknown>): Promise<void> {
  const { rows } = await admin.query<{ name: string; definition: string }>(
    `SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
     FROM pg_index WHERE indrelid = 'hook.delivery_attempts'::regclass AND NOT indisprimary`,
  );
  await admin.query(
    'ALTER TABLE hook.delivery_attempts DROP CONSTRAINT delivery_attempts_delivery_id_attempt_number_pk',
  );
  for (const { name } of rows) await admin.query(`DROP INDEX ${name}`);
  // Unlogged tables are written once. A crash of the server would empty them, which only this test would notice.
  await admin.query(UNLOGGED);
  await work();
  await admin.query(
    'ALTER TABLE hook.delivery_attempts ADD CONSTRAINT delivery_attempts_delivery_id_attempt_number_pk PRIMARY KEY (delivery_id, attempt_number)',
  );
  for (const { definition } of rows) await admin.query(definition.replace(' ON ONLY ', ' ON '));
}

const UNLOGGED = `DO $$ DECLARE partition regclass; BEGIN
  FOR partition IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'hook.delivery_attempts'::regclass LOOP
    EXECUTE format('ALTER TABLE %s SET UNLOGGED', partition);
  END LOOP; END $$`;

const FILL = `
  INSERT INTO hook.delivery_attempts (delivery_id, attempt_number, account_id, webhook_id, event_id, event_type, trigger,
    status, outcome, is_latest, response_status, duration_ms, workflow_id, finished_at)
  SELECT (lpad(to_hex($1::bigint + n * ${String(STEP_MS)}), 12, '0') || '7000800000' || lpad(n::text, 10, '0'))::uuid, attempt,
    md5('a' || owner)::uuid, md5('w' || CASE WHEN n % 10 = 5 THEN 'x' ELSE owner::text END)::uuid, 'evt_' || n,
    CASE WHEN n % 1000 < 999 THEN 'message.delivered' ELSE 'order.paid' END, 'dispatch',
    CASE WHEN attempt = attempts THEN 'succeeded' ELSE 'failed' END,
    CASE WHEN attempt < attempts THEN NULL WHEN n < 200 THEN 'dead_lettered' ELSE 'delivered' END,
    attempt = attempts, CASE WHEN attempt = attempts THEN 200 ELSE 503 END, n % 500, 'wh-' || n,
    to_timestamp(($1::bigint + n * ${String(STEP_MS)}) / 1000.0)
  FROM generate_series(1, ${String(DELIVERIES)}::bigint) AS n,
    LATERAL (SELECT CASE WHEN n % 5 < 2 THEN 0 ELSE 1 + n % 2000 END AS owner, CASE WHEN n % 9 = 0 THEN 2 ELSE 1 END AS attempts) AS o,
    LATERAL generate_series(1, attempts) AS attempt`;
