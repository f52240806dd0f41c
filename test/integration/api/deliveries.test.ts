import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { deliveryDetailSchema, deliveryPageSchema } from '../../../contracts/rest/delivery.js';
import { ProblemError } from '../../../api/problem-error.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { uuidV7 } from '../../../domain/security/uuid-v7.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const as = (accountId: string) => request.agent(api.app).set('X-Account-Id', accountId);

interface Row {
  delivery_id: string;
  attempt_number: number;
  webhook_id: string;
  account_id: string;
  [column: string]: unknown;
}
const insert = async (row: Row) => {
  const columns = {
    event_id: 'evt_1',
    event_type: 'message.delivered',
    trigger: 'dispatch',
    workflow_id: 'wh-1',
    ...row,
  };
  const names = Object.keys(columns).join(', ');
  const places = Object.keys(columns).map((_name, index) => `$${index + 1}`);
  const text = `INSERT INTO hook.delivery_attempts (${names}) VALUES (${places.join(', ')})`;
  await api.database.admin.query(text, Object.values(columns));
};
const register = async (accountId: string): Promise<string> =>
  (await as(accountId).post('/v1/webhooks').send({ url: 'https://customer.example.com/' })).body.id;

let account: string;
let webhookId: string;
beforeEach(async () => {
  account = randomUUID();
  webhookId = await register(account);
});

const settled = (delivery_id: string, outcome: string | null, more: object = {}) =>
  insert({
    delivery_id,
    attempt_number: 1,
    webhook_id: webhookId,
    account_id: account,
    status: outcome === null ? 'pending' : 'succeeded',
    outcome,
    ...more,
  });

describe('the deliveries of a webhook', () => {
  const list = async (query: Record<string, string>) => {
    const { body } = await as(account).get(`/v1/webhooks/${webhookId}/deliveries`).query(query).expect(200);
    return deliveryPageSchema.parse(body);
  };

  test('pages through the newest first', async () => {
    const now = Date.now();
    const ids = [5, 4, 3, 2, 1].map((age) => uuidV7(now - age * 1_000)).reverse();
    for (const id of ids) await settled(id, 'delivered');
    const first = await list({ limit: '3' });
    const second = await list({ limit: '3', cursor: first.nextCursor! });
    expect([...first.data, ...second.data].map(({ id }) => id)).toEqual(ids);
    expect([first.hasMore, second.hasMore]).toEqual([true, false]);
    expect(first.data[0]).toMatchObject({ webhookId, status: 'delivered', attemptCount: 1 });
    expect(Date.parse(first.data[0]!.createdAt)).toBe(now - 1_000);
  });

  test('can be filtered by how they stand', async () => {
    const [waiting, dead] = [uuidV7(Date.now()), uuidV7(Date.now())];
    await settled(waiting, null, { next_attempt_at: new Date() });
    await settled(dead, 'dead_lettered', { outcome_reason: 'retries_exhausted', error_code: 'timeout' });
    expect((await list({ status: 'waiting' })).data).toMatchObject([{ id: waiting, status: 'waiting' }]);
    expect((await list({ status: 'dead_lettered' })).data).toMatchObject([
      { id: dead, outcomeReason: 'retries_exhausted', lastErrorCode: 'timeout' },
    ]);
    expect((await list({})).data).toHaveLength(2);
    await as(account).get(`/v1/webhooks/${webhookId}/deliveries?status=exploded`).expect(422);
  });

  test('shows a delivery once, by its latest attempt', async () => {
    const id = uuidV7(Date.now());
    await settled(id, null, { is_latest: false, status: 'failed', response_status: 500, error_code: 'http_error' });
    await settled(id, 'delivered', { attempt_number: 2, response_status: 200 });
    expect((await list({})).data).toMatchObject([
      { id, attemptCount: 2, lastResponseStatus: 200, status: 'delivered' },
    ]);
  });
});

describe('one delivery', () => {
  test('shows every attempt, the payload and what comes next', async () => {
    const id = uuidV7(Date.now());
    const timestamp = '2026-11-23T10:00:00Z';
    const payload = { id: 'evt_1', type: 'message.delivered', timestamp, data: { to: '+999123456789' } };
    const next = new Date('2027-01-01T00:00:00.000Z');
    await settled(id, null, { is_latest: false, status: 'failed', error_code: 'timeout', payload_snapshot: payload });
    await settled(id, null, { attempt_number: 2, next_attempt_at: next, trigger: 'retry', duration_ms: 12 });
    const { body } = await as(account).get(`/v1/deliveries/${id}`).expect(200);
    const delivery = deliveryDetailSchema.parse(body);
    expect(delivery).toMatchObject({
      id,
      payload,
      status: 'waiting',
      nextAttemptAt: next.toISOString(),
      attemptCount: 2,
    });
    expect(delivery.attempts).toMatchObject([
      { number: 1, status: 'failed', errorCode: 'timeout' },
      { number: 2, trigger: 'retry', durationMs: 12 },
    ]);
  });

  test('of another account or unknown is the same 404, to read and to retry', async () => {
    const id = uuidV7(Date.now());
    await settled(id, 'delivered');
    const stranger = randomUUID();
    const read = (account: string, path: string) => as(account).get(path).set('X-Request-Id', 'same-request');
    for (const path of [`/v1/deliveries/${id}`, `/v1/deliveries/${randomUUID()}`, '/v1/deliveries/x'])
      expect((await read(stranger, path)).text).toBe((await read(stranger, '/v1/nowhere')).text);
  });
});

describe('retrying', () => {
  test('passes on who asks for what, and answers with the workflow', async () => {
    const id = randomUUID();
    api.replay = async () => ({ kind: 'replaying', workflowId: 'wh-r1' });
    const answer = await as(account).post(`/v1/deliveries/${id}/retry`).expect(202);
    expect(answer.body).toEqual({ kind: 'replaying', deliveryId: id, workflowId: 'wh-r1' });
    expect(answer.headers['location']).toBe(`/v1/deliveries/${id}`);
    expect(api.replaysAsked.at(-1)).toEqual({
      accountId: account,
      deliveryId: id,
      requestedBy: 'customer',
      reason: 'requested through the API',
    });
  });

  test('an unknown delivery is a 404, an impossible id does not even ask', async () => {
    api.replay = async () => undefined;
    await as(account).post(`/v1/deliveries/${randomUUID()}/retry`).expect(404);
    const asked = api.replaysAsked.length;
    await as(account).post('/v1/deliveries/x/retry').expect(404);
    expect(api.replaysAsked).toHaveLength(asked);
  });

  test('while Temporal is away is a 503 to repeat', async () => {
    api.replay = async () => {
      throw new ProblemError('unavailable');
    };
    const answer = await as(account).post(`/v1/deliveries/${randomUUID()}/retry`).expect(503);
    expect(answer.headers['retry-after']).toBe('5');
    expect(answer.body.code).toBe('unavailable');
  });
});
