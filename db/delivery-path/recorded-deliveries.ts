import { firstDeliveryIdAt } from '../../domain/delivery/delivery-id.js';
import { type Database, withAccounts } from '../client.js';
import type { MessageKey } from './record-deliveries.js';

/** A delivery that a message recorded earlier. Its workflow may or may not have been started. */
export interface PendingFirstAttempt {
  readonly deliveryId: string;
  readonly webhookId: string;
  readonly eventType: string;
}

/** Lists the pending first attempts that exactly this message recorded. @throws DatabaseError */
export async function listPendingFirstAttempts(db: Database, message: MessageKey): Promise<PendingFirstAttempt[]> {
  return await withAccounts(db, [message.accountId], async (client) => {
    const { rows } = await client.query<{ delivery_id: string; webhook_id: string; event_type: string }>({
      name: 'list_pending_first_attempts',
      text: `SELECT delivery_id, webhook_id, event_type FROM hook.delivery_attempts
             WHERE delivery_id >= $1 AND delivery_id < $2 AND attempt_number = 1 AND account_id = $3 AND workflow_id = $4
               AND status = 'pending' ORDER BY webhook_id, delivery_id`,
      values: keyValues(message),
    });
    return rows.map((r) => ({ deliveryId: r.delivery_id, webhookId: r.webhook_id, eventType: r.event_type }));
  });
}

/**
 * Deletes the rows of a message that turned out to be a duplicate, because the workflow of its id exists. Rows that were
 * attempted stay. Returns the number of deleted rows. @throws DatabaseError
 */
export async function discardRecordedDeliveries(db: Database, message: MessageKey): Promise<number> {
  return await withAccounts(db, [message.accountId], async (client) => {
    const { rowCount } = await client.query({
      name: 'discard_recorded_deliveries',
      text: `DELETE FROM hook.delivery_attempts WHERE delivery_id >= $1 AND delivery_id < $2 AND attempt_number = 1
             AND account_id = $3 AND workflow_id = $4 AND (status = 'pending' OR outcome = 'skipped_disabled')`,
      values: keyValues(message),
    });
    return rowCount ?? 0;
  });
}

/** The deliveries of a message have the ids of its millisecond. */
const keyValues = ({ accountId, receivedAtMs, workflowId }: MessageKey): unknown[] => [
  firstDeliveryIdAt(receivedAtMs),
  firstDeliveryIdAt(receivedAtMs + 1),
  accountId,
  workflowId,
];
