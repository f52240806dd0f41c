import { type Database, withAccounts } from '../client.js';

/** A test event that a customer sends to one endpoint. */
export interface TestEvent {
  readonly eventId: string;
  readonly eventType: string;
  /** RFC 3339. */
  readonly timestamp: string;
  /** JSON text. */
  readonly data: string;
}

export interface TestDelivery extends TestEvent {
  readonly deliveryId: string;
  readonly webhookId: string;
  readonly workflowId: string;
}

const BODY = `jsonb_build_object('id', $1::text, 'type', $2::text, 'timestamp', $3::text, 'data', $4::jsonb)`;
const testEventValues = ({ eventId, eventType, timestamp, data }: TestEvent) => [eventId, eventType, timestamp, data];

/** Renders the bytes that would be sent: PostgreSQL renders them with the expression that it uses for events. @throws DatabaseError */
export async function renderTestBody(db: Database, accountId: string, event: TestEvent): Promise<string> {
  const query = { name: 'render_test_body', text: `SELECT ${BODY}::text AS body`, values: testEventValues(event) };
  const { rows } = await withAccounts(db, [accountId], (client) => client.query<{ body: string }>(query));
  return rows[0]?.body ?? '';
}

/** Inserts the row of a test delivery's only attempt. False when the account has no such webhook. @throws DatabaseError */
export async function insertTestDelivery(db: Database, accountId: string, delivery: TestDelivery): Promise<boolean> {
  const { deliveryId, webhookId, workflowId } = delivery;
  const { rowCount } = await withAccounts(db, [accountId], (client) =>
    client.query({
      name: 'insert_test_delivery',
      text: `
        INSERT INTO hook.delivery_attempts (delivery_id, attempt_number, webhook_id, account_id, event_id, event_type, cycle,
          trigger, status, next_attempt_at, payload_snapshot, workflow_id, requested_by)
        SELECT $5, 1, w.id, w.account_id, $1, $2, 0, 'test', 'pending', now(), ${BODY}, $8, 'customer'
        FROM hook.webhook_configs w WHERE w.id = $6 AND w.account_id = $7 AND w.deleted_at IS NULL`,
      values: [...testEventValues(delivery), deliveryId, webhookId, accountId, workflowId],
    }),
  );
  return rowCount === 1;
}
