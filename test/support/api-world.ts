import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { uuidV7 } from '../../domain/security/uuid-v7.js';
import type { TestApi } from './api.js';

export const CUSTOMER_URL = 'https://customer.example.com/hooks';

/** A payload as the bridge would have written it, the same for every event. */
const PAYLOAD = JSON.stringify({ id: 'evt_1', type: 'message.delivered', timestamp: '2026-11-24T10:00:00Z', data: {} });

/** Accounts with webhooks and deliveries, created through the API where it has a route. */
export function createApiWorld(api: TestApi) {
  const as = (accountId: string) => request.agent(api.app).set('X-Account-Id', accountId);
  const register = async (accountId: string, more: object = {}): Promise<{ id: string; secret: string }> => {
    const answer = await as(accountId)
      .post('/v1/webhooks')
      .send({ url: CUSTOMER_URL, ...more });
    if (answer.status !== 201) throw new Error(`registering answered ${answer.status}: ${answer.text}`);
    return answer.body as { id: string; secret: string };
  };
  const deliver = async (accountId: string, webhookId: string, more: object = {}): Promise<string> => {
    const deliveryId = uuidV7(Date.now());
    const row = {
      delivery_id: deliveryId,
      attempt_number: 1,
      account_id: accountId,
      webhook_id: webhookId,
      event_id: `evt_${randomUUID()}`,
      event_type: 'message.delivered',
      trigger: 'dispatch',
      status: 'failed',
      outcome: 'dead_lettered',
      workflow_id: 'wh-1',
      payload_snapshot: PAYLOAD,
      ...more,
    };
    const places = Object.keys(row).map((_name, index) => `$${index + 1}`);
    const text = `INSERT INTO hook.delivery_attempts (${Object.keys(row).join(', ')}) VALUES (${places.join(', ')})`;
    await api.database.admin.query(text, Object.values(row));
    return deliveryId;
  };
  /** A digest of every row of both tables. */
  const contents = async (): Promise<string> => {
    const { rows } = await api.database.admin.query<{ digest: string }>(
      `SELECT md5(coalesce(string_agg(line, E'\\n' ORDER BY line), '')) AS digest FROM (
         SELECT w::text AS line FROM hook.webhook_configs w UNION ALL SELECT a::text FROM hook.delivery_attempts a) AS t`,
    );
    return rows[0]?.digest ?? '';
  };
  return { as, register, deliver, contents };
}
