import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { eventually } from '../support/eventually.js';
import { createScenario } from '../support/scenario.js';
import { type Stack, startStack } from '../support/stack.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ RETRY_SCHEDULE: '0,1h' });
  await stack.processes.startDispatcher();
}, 120_000);
afterAll(() => stack.close(), 60_000);

const LONG_AGO = '2026-01-01T00:00:00Z';
const count = (n: number) => Array.from({ length: n });

/** Publishes events whose deliveries end without success. Their endpoint works afterwards. */
async function failed(howMany: number) {
  const scenario = createScenario(stack);
  const webhook = await scenario.register(scenario.path('ok'));
  await scenario.replace(webhook, { status: 'disabled' });
  const events = count(howMany).map(() => scenario.event());
  for (const event of events) await scenario.publish(event);
  const rows = await eventually(async () => {
    const all = await scenario.rows();
    return all.length === howMany && all.every(({ outcome }) => outcome === 'skipped_disabled') && all;
  });
  await scenario.replace(webhook, { status: 'enabled' });
  const recover = async (more: object = {}) => {
    const body = { since: LONG_AGO, ratePerSecond: 50, ...more };
    const answer = await scenario.call('POST', `/v1/webhooks/${webhook.id}/recover`, body);
    expect(answer).toMatchObject({ status: 202, body: { state: 'running', webhookId: webhook.id } });
    return String(answer.body['id']);
  };
  const task = async (id: string) => (await scenario.call('GET', `/v1/tasks/${id}`)).body;
  const ended = (id: string) =>
    eventually(async () => {
      const report = await task(id);
      return report['state'] !== 'running' && report['state'] !== 'paused' && report;
    });
  const latest = async () => (await scenario.rows()).filter(({ isLatest }) => isLatest);
  return { ...scenario, webhook, events, rows, recover, task, ended, latest };
}

/** A delivery whose first attempt failed and whose next one is an hour away. */
async function waiting(behavior = 'broken') {
  const scenario = createScenario(stack);
  const webhook = await scenario.register(scenario.path(behavior));
  const sent = scenario.event();
  await scenario.publish(sent);
  const [row] = await scenario.waiting(sent.id);
  return { ...scenario, webhook, sent, deliveryId: row!.deliveryId, workflowId: row!.workflowId };
}

describe('recovering a webhook', () => {
  test.concurrent('replays skipped deliveries once and reports its progress', async () => {
    const { recover, ended, latest, events, rows, webhook } = await failed(7);
    const id = await recover();
    expect(await ended(id)).toMatchObject({ id, state: 'completed', started: 7, alreadyRunning: 0 });
    const all = await eventually(async () => {
      const found = await latest();
      return found.every(({ outcome }) => outcome === 'delivered') && found;
    });
    expect(all.every(({ trigger, cycle }) => trigger === 'replay' && cycle === 1)).toBe(true);
    expect(rows).toHaveLength(7);
    const received = await stack.parts.customer.requests(webhook.path);
    expect(received.map(({ webhookId }) => webhookId).sort()).toEqual(events.map((event) => event.id).sort());
    const again = await ended(await recover());
    expect(again).toMatchObject({ state: 'completed', started: 0 });
    expect(await stack.parts.customer.requests(webhook.path)).toHaveLength(7);
  });

  test.concurrent('by two tasks at once sends each delivery once', async () => {
    const { recover, ended, webhook, latest } = await failed(10);
    const ids = await Promise.all([recover(), recover()]);
    for (const id of ids) expect(await ended(id)).toMatchObject({ state: 'completed' });
    await eventually(async () => (await latest()).every(({ outcome }) => outcome === 'delivered'));
    expect(await stack.parts.customer.requests(webhook.path)).toHaveLength(10);
  });

  test.concurrent('keeps to the rate, can be paused, resumed and canceled by its account only', async () => {
    const { recover, task, call, webhook, ended } = await failed(6);
    const id = await recover({ ratePerSecond: 1 });
    await eventually(async () => Number((await task(id))['started']) >= 1);
    expect(await call('POST', `/v1/tasks/${id}/pause`)).toMatchObject({ status: 200, body: { state: 'paused' } });
    const stranger = createScenario(stack);
    for (const verb of ['pause', 'resume', 'cancel'])
      expect(await stranger.call('POST', `/v1/tasks/${id}/${verb}`)).toMatchObject({ status: 404 });
    expect(await stranger.call('GET', `/v1/tasks/${id}`)).toMatchObject({ status: 404 });
    expect(await call('POST', `/v1/tasks/${id}/resume`)).toMatchObject({ status: 200, body: { state: 'running' } });
    await call('POST', `/v1/tasks/${id}/cancel`);
    const report = await ended(id);
    expect(report).toMatchObject({ state: 'canceled' });
    expect(report['started']).toBeLessThan(30);
    expect(await call('POST', `/v1/tasks/${id}/pause`)).toMatchObject({ status: 409, body: { code: 'task_ended' } });
    const received = await stack.parts.customer.requests(webhook.path);
    expect(received.length).toBeLessThanOrEqual(Number(report['started']));
  });
});

describe('canceling a delivery', () => {
  test.concurrent('that waits returns its outcome', async () => {
    const { call, deliveryId, rows } = await waiting();
    const cancel = () => call('POST', `/v1/deliveries/${deliveryId}/cancel`);
    const answer = await cancel();
    expect(answer).toMatchObject({ status: 200, body: { status: 'canceled', outcomeReason: 'canceled_on_request' } });
    expect(answer.body).toMatchObject({ nextAttemptAt: null });
    expect(await rows()).toMatchObject([{ outcome: 'canceled' }]);
    expect(await cancel()).toMatchObject({ status: 409, body: { code: 'delivery_ended' } });
  });

  test.concurrent('whose workflow was terminated ends it all the same', async () => {
    const { call, deliveryId, workflowId } = await waiting();
    await stack.temporal.workflow.getHandle(workflowId).terminate();
    const answer = await call('POST', `/v1/deliveries/${deliveryId}/cancel`);
    expect(answer).toMatchObject({ status: 200, body: { status: 'canceled' } });
  });
});

describe('deleting a webhook', () => {
  test.concurrent('ends its waiting deliveries at once', async () => {
    const { call, webhook, sent, settled } = await waiting();
    await call('DELETE', `/v1/webhooks/${webhook.id}`);
    expect(await settled(sent.id)).toMatchObject([{ outcome: 'canceled', outcomeReason: 'endpoint_deleted' }]);
    expect(await stack.parts.customer.requests(webhook.path)).toHaveLength(1);
  });

  test.concurrent('also ends deliveries of a terminated workflow', async () => {
    const { call, webhook, sent, settled, workflowId } = await waiting();
    await stack.temporal.workflow.getHandle(workflowId).terminate();
    await call('DELETE', `/v1/webhooks/${webhook.id}`);
    expect(await settled(sent.id)).toMatchObject([{ outcome: 'canceled', outcomeReason: 'endpoint_deleted' }]);
  });
});

describe('a workflow of an earlier cycle', () => {
  /** The workflow was canceled, and the replayed delivery waits. */
  async function replayed() {
    const scenario = await waiting();
    const { replace, webhook, workflowId, deliveryId, retry, sent } = scenario;
    await stack.temporal.workflow.getHandle(workflowId).terminate();
    const url = `${stack.parts.customer.url}/hooks/status/${randomUUID()}?code=503&retry-after=3600`;
    await replace(webhook, { url });
    await retry(deliveryId);
    const before = await scenario.waiting(sent.id, 2);
    expect(before.at(-1)).toMatchObject({ cycle: 1, outcome: null });
    return { ...scenario, before };
  }

  test.concurrent('that is restarted and canceled leaves the replay waiting', async () => {
    const { rows, before, accountId, webhook, deliveryId, workflowId } = await replayed();
    const { taskQueue } = await stack.temporal.workflow.getHandle(workflowId).describe();
    const endpoints = [{ webhookId: webhook.id, deliveryIds: [deliveryId] }];
    const input = { accountId, endpoints, schedule: [0, 3_600_000], cycle: 0, attemptsBefore: 0 };
    const again = await stack.temporal.workflow.start('deliverWebhook', { workflowId, taskQueue, args: [input] });
    await eventually(async () => (await again.query<{ status: string }[]>('state'))[0]?.status === 'waiting');
    await again.cancel();
    await again.result().catch(() => undefined);
    expect(await rows()).toEqual(before);
  });
});
