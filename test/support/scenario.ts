import { randomUUID } from 'node:crypto';
import type { DeliveryDeadLetter } from '../../contracts/bus/dead-letter.js';
import { eventually } from './eventually.js';
import type { Stack } from './stack.js';

export interface Registered {
  id: string;
  secret: string;
  /** At the sample customer. */
  path: string;
}

export interface AttemptRowView {
  deliveryId: string;
  attempt: number;
  webhookId: string;
  eventId: string;
  cycle: number;
  trigger: string;
  status: string;
  outcome: string | null;
  outcomeReason: string | null;
  isLatest: boolean;
  responseStatus: number | null;
  errorCode: string | null;
  preview: string | null;
  nextAttemptAt: Date | null;
  startedAt: Date | null;
  finishedAt: Date | null;
  workflowId: string;
  secretVersion: number | null;
}

let count = 0;

/** A customer of its own on the shared stack: it sees nothing of other scenarios. */
export function createScenario(stack: Stack) {
  const accountId = randomUUID();
  const call = async (method: string, path: string, body?: object) => {
    const headers = { 'x-account-id': accountId, 'content-type': 'application/json' };
    const request = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const answer = await fetch(`${stack.api.url}${path}`, request);
    const text = await answer.text();
    return { status: answer.status, body: (text === '' ? undefined : JSON.parse(text)) as Record<string, unknown> };
  };
  const register = async (path: string, more: object = {}): Promise<Registered> => {
    const url = path.startsWith('http') ? path : `${stack.parts.customer.url}${path}`;
    const { status, body } = await call('POST', '/v1/webhooks', { url, eventTypes: null, ...more });
    if (status !== 201) throw new Error(`registering answered ${status}: ${JSON.stringify(body)}`);
    const registered = { id: String(body['id']), secret: String(body['secret']), path: path.split('?')[0] ?? path };
    if (!path.startsWith('http')) await stack.parts.customer.setSecret(registered.path, registered.secret);
    return registered;
  };
  const event = (more: object = {}) => ({
    id: `evt_${String((count += 1))}_${randomUUID().slice(0, 8)}`,
    accountId,
    type: 'message.delivered',
    timestamp: '2026-11-23T10:00:00Z',
    data: { to: '+999000000001', n: 1 },
    ...more,
  });
  const publish = async (message: unknown) => {
    const data = typeof message === 'string' ? message : JSON.stringify(message);
    return await stack.nats.jetstream().publish('webhook.dispatch', data);
  };
  const rows = async (where: { eventId?: string } = {}): Promise<AttemptRowView[]> => {
    const { rows } = await stack.admin.query<AttemptRowView>(ROWS, [accountId, where.eventId ?? null]);
    return rows;
  };
  /** Resolves with all rows once every delivery of the event has its outcome. */
  const settled = (eventId: string, withinMs = 30_000) =>
    eventually(async () => {
      const all = await rows({ eventId });
      const latest = all.filter(({ isLatest }) => isLatest);
      return latest.length > 0 && latest.every(({ outcome }) => outcome !== null) && all;
    }, withinMs);
  /** Resolves with all rows once every delivery of the event has failed at least `attempts` times and waits. */
  const waiting = (eventId: string, attempts = 1) =>
    eventually(async () => {
      const all = await rows({ eventId });
      const waits = ({ status, attempt, nextAttemptAt }: AttemptRowView) =>
        status === 'failed' && attempt >= attempts && nextAttemptAt !== null;
      const latest = all.filter(({ isLatest }) => isLatest);
      return latest.length > 0 && latest.every(waits) && all;
    }, 30_000);
  /** A path at the sample customer that no other scenario uses. */
  const path = (behavior: string, query = '') => `/hooks/${behavior}/${accountId}${query}`;
  /** PUT with the webhook's current settings and `change`. */
  const replace = async ({ id }: Registered, change: object) => {
    const { url, eventTypes, description } = (await call('GET', `/v1/webhooks/${id}`)).body;
    const { status, body } = await call('PUT', `/v1/webhooks/${id}`, { url, eventTypes, description, ...change });
    if (status !== 200) throw new Error(`replacing answered ${status}: ${JSON.stringify(body)}`);
  };
  /** Retries a waiting delivery, or replays an ended one. */
  const retry = (deliveryId: string) => call('POST', `/v1/deliveries/${deliveryId}/retry`);
  const letters = async () => {
    const all = await stack.deadLetters();
    return all.filter(
      (letter): letter is DeliveryDeadLetter => 'accountId' in letter && letter.accountId === accountId,
    );
  };
  const observing = { rows, settled, waiting, letters };
  return { accountId, path, call, register, replace, retry, event, publish, ...observing };
}

const ROWS = `
  SELECT delivery_id AS "deliveryId", attempt_number AS attempt, webhook_id AS "webhookId", event_id AS "eventId", cycle, trigger,
         status, outcome, outcome_reason AS "outcomeReason", is_latest AS "isLatest", response_status AS "responseStatus",
         error_code AS "errorCode", response_body_preview AS preview, next_attempt_at AS "nextAttemptAt",
         started_at AS "startedAt", finished_at AS "finishedAt", workflow_id AS "workflowId", secret_version AS "secretVersion"
  FROM hook.delivery_attempts WHERE account_id = $1 AND ($2::text IS NULL OR event_id = $2)
  ORDER BY delivery_id, attempt_number`;
