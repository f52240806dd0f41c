import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { eventually } from '../support/eventually.js';
import { type AttemptRowView, createScenario } from '../support/scenario.js';
import { type Stack, startStack } from '../support/stack.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ RETRY_SCHEDULE: '0,200ms' });
  await stack.processes.startDispatcher();
}, 120_000);
afterAll(() => stack.close(), 60_000);

/** A delivery whose two attempts failed. */
async function deadLettered(query = '') {
  const scenario = createScenario(stack);
  const webhook = await scenario.register(scenario.path('broken', query));
  const sent = scenario.event();
  await scenario.publish(sent);
  const rows = await scenario.settled(sent.id);
  const received = () => stack.parts.customer.requests(webhook.path);
  return { ...scenario, webhook, sent, deliveryId: rows[0]!.deliveryId, workflowId: rows[0]!.workflowId, received };
}

type Settled = (eventId: string) => Promise<AttemptRowView[]>;

/** Resolves with all rows once the latest one is of that cycle and has its outcome. */
const settledIn = (cycle: number, settled: Settled, eventId: string) =>
  eventually(async () => {
    const rows = await settled(eventId);
    return rows.find(({ isLatest }) => isLatest)?.cycle === cycle && rows;
  });

const summarize = (rows: AttemptRowView[]) =>
  rows.map(({ attempt, cycle, trigger, outcome }) => [attempt, cycle, trigger, outcome]);

describe('a dead-lettered delivery that is replayed', () => {
  test.concurrent('keeps its webhook-id, counts on, and is delivered to the repaired endpoint', async () => {
    const { webhook, retry, deliveryId, settled, sent, received, call, accountId } = await deadLettered();
    await stack.parts.customer.repair(webhook.path);
    const workflowId = `wh-${accountId}-${deliveryId}-r1`;
    expect(await retry(deliveryId)).toMatchObject({ status: 202, body: { kind: 'replaying', deliveryId, workflowId } });
    expect(summarize(await settledIn(1, settled, sent.id))).toEqual([
      [1, 0, 'dispatch', null],
      [2, 0, 'retry', 'dead_lettered'],
      [3, 1, 'replay', 'delivered'],
    ]);
    const requests = await received();
    expect(requests.map(({ attempt, webhookId }) => [attempt, webhookId])).toEqual([1, 2, 3].map((n) => [n, sent.id]));
    expect(new Set(requests.map(({ body }) => body)).size).toBe(1);
    expect(requests.every(({ signatureValid }) => signatureValid)).toBe(true);
    const { body } = await call('GET', `/v1/deliveries/${deliveryId}`);
    expect(body).toMatchObject({ status: 'delivered', cycle: 1, attemptCount: 3, workflowId });
    expect(body).toMatchObject({ attempts: [{}, {}, { trigger: 'replay', requestedBy: 'customer' }] });
    expect(await stack.temporal.workflow.getHandle(workflowId).result()).toMatchObject({ delivered: 1 });
  });

  test.concurrent('gets the full retry schedule, and a dead letter of its own when it fails again', async () => {
    const { retry, deliveryId, settled, sent, letters } = await deadLettered();
    await retry(deliveryId);
    expect(summarize(await settledIn(1, settled, sent.id))).toEqual([
      [1, 0, 'dispatch', null],
      [2, 0, 'retry', 'dead_lettered'],
      [3, 1, 'replay', null],
      [4, 1, 'retry', 'dead_lettered'],
    ]);
    expect((await letters()).map(({ id, cycle, attempts }) => [id, cycle, attempts])).toEqual([
      [`${deliveryId}:0`, 0, 2],
      [`${deliveryId}:1`, 1, 4],
    ]);
    await retry(deliveryId);
    expect(summarize(await settledIn(2, settled, sent.id))).toHaveLength(6);
  });

  test.concurrent('by two clicks at once is sent once', async () => {
    const { webhook, retry, deliveryId, settled, sent, received } = await deadLettered();
    await stack.parts.customer.repair(webhook.path);
    const answers = await Promise.all([retry(deliveryId), retry(deliveryId), retry(deliveryId)]);
    expect(new Set(answers.map(({ status, body }) => `${String(status)} ${String(body['workflowId'])}`)).size).toBe(1);
    expect(await settledIn(1, settled, sent.id)).toHaveLength(3);
    expect(await received()).toHaveLength(3);
  });

  test.concurrent('and waits again is woken by another click', async () => {
    const { webhook, retry, deliveryId, waiting, settled, sent, replace } = await deadLettered();
    const url = `${stack.parts.customer.url}/hooks/status/${randomUUID()}?code=503&retry-after=3600`;
    await replace(webhook, { url });
    await retry(deliveryId);
    const waits = (await waiting(sent.id, 3)).at(-1)!;
    expect(waits).toMatchObject({ attempt: 3, cycle: 1, isLatest: true });
    expect(waits.nextAttemptAt!.getTime() - waits.finishedAt!.getTime()).toBe(3_600_000);
    await replace(webhook, { url: `${stack.parts.customer.url}${webhook.path}` });
    await stack.parts.customer.repair(webhook.path);
    expect(await retry(deliveryId)).toMatchObject({
      status: 202,
      body: { kind: 'retrying', workflowId: waits.workflowId },
    });
    expect(summarize(await settledIn(1, settled, sent.id)).slice(2)).toEqual([
      [3, 1, 'replay', null],
      [4, 1, 'manual', 'delivered'],
    ]);
  });
});

describe('a delivered delivery that is replayed', () => {
  test.concurrent('is posted once more, with the same webhook-id', async () => {
    const { register, event, publish, settled, retry, path } = createScenario(stack);
    const webhook = await register(path('ok'));
    const sent = event();
    await publish(sent);
    const [row] = await settled(sent.id);
    await retry(row!.deliveryId);
    expect(summarize(await settledIn(1, settled, sent.id))).toEqual([
      [1, 0, 'dispatch', 'delivered'],
      [2, 1, 'replay', 'delivered'],
    ]);
    const requests = await stack.parts.customer.requests(webhook.path);
    expect(requests.map(({ webhookId }) => webhookId)).toEqual([sent.id, sent.id]);
  });
});

describe('a skipped delivery', () => {
  async function skipped() {
    const scenario = createScenario(stack);
    const webhook = await scenario.register(scenario.path('ok'));
    await scenario.replace(webhook, { status: 'disabled' });
    const sent = scenario.event();
    await scenario.publish(sent);
    const [row] = await scenario.settled(sent.id);
    return { ...scenario, webhook, sent, deliveryId: row!.deliveryId };
  }

  test.concurrent('is sent when its endpoint is enabled again', async () => {
    const { webhook, replace, retry, deliveryId, settled, sent } = await skipped();
    await replace(webhook, { status: 'enabled' });
    await retry(deliveryId);
    const rows = await settledIn(1, settled, sent.id);
    expect(rows.map(({ attempt, status, outcome }) => [attempt, status, outcome])).toEqual([
      [1, 'skipped', 'skipped_disabled'],
      [2, 'succeeded', 'delivered'],
    ]);
    expect(await stack.parts.customer.requests(webhook.path)).toMatchObject([{ webhookId: sent.id, attempt: 2 }]);
  });

  test.concurrent('that was replayed too early can be replayed later', async () => {
    const { webhook, replace, retry, deliveryId, settled, sent } = await skipped();
    const { body } = await retry(deliveryId);
    const early = stack.temporal.workflow.getHandle(String(body['workflowId']));
    expect(await early.result()).toMatchObject({ skipped_disabled: 1 });
    expect(await settled(sent.id)).toMatchObject([{ outcome: 'skipped_disabled' }]);
    await replace(webhook, { status: 'enabled' });
    await retry(deliveryId);
    const latest = (await settledIn(1, settled, sent.id)).at(-1);
    expect(latest).toMatchObject({ trigger: 'replay', outcome: 'delivered' });
    expect(await stack.parts.customer.requests(webhook.path)).toHaveLength(1);
  });
});

describe('a workflow that operations reset to its beginning', () => {
  async function reset(workflowId: string) {
    const handle = stack.temporal.workflow.getHandle(workflowId);
    const { runId } = await handle.describe();
    const { events } = await handle.fetchHistory();
    const firstTask = events?.find(({ workflowTaskCompletedEventAttributes: completed }) => completed != null);
    const answer = await stack.temporal.workflowService.resetWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId, runId },
      reason: 'test',
      workflowTaskFinishEventId: firstTask!.eventId!,
      requestId: randomUUID(),
    });
    expect(answer.runId).not.toBe(runId);
    const again = stack.temporal.workflow.getHandle(workflowId, answer.runId);
    return await again.result().catch((error: unknown) => error);
  }

  test.concurrent('after its dead letter neither posts nor dead-letters again', async () => {
    const { workflowId, rows, received, letters } = await deadLettered();
    await stack.temporal.workflow
      .getHandle(workflowId)
      .result()
      .catch(() => undefined);
    const before = await rows();
    expect(await reset(workflowId)).toMatchObject({ cause: { type: 'DeliveryExhausted' } });
    expect(await rows()).toEqual(before);
    expect(await received()).toHaveLength(2);
    expect(await letters()).toHaveLength(1);
  });

  test.concurrent('after its dead letter and a replay leaves the replay alone', async () => {
    const { webhook, workflowId, rows, retry, deliveryId, settled, sent, received, letters } = await deadLettered();
    await stack.parts.customer.repair(webhook.path);
    await retry(deliveryId);
    const before = await settledIn(1, settled, sent.id);
    await reset(workflowId);
    expect(await rows()).toEqual(before);
    expect(await received()).toHaveLength(3);
    expect(await letters()).toHaveLength(1);
  });

  test.concurrent('after its dead letter while a replay waits leaves the replay waiting', async () => {
    const { webhook, workflowId, replace, rows, retry, deliveryId, waiting, sent, letters } = await deadLettered();
    await replace(webhook, {
      url: `${stack.parts.customer.url}/hooks/status/${randomUUID()}?code=503&retry-after=3600`,
    });
    await retry(deliveryId);
    const before = await waiting(sent.id, 3);
    await reset(workflowId);
    expect(await rows()).toEqual(before);
    expect(await letters()).toHaveLength(1);
  });

  test.concurrent('after its delivery does not deliver again', async () => {
    const { register, event, publish, settled, rows, path } = createScenario(stack);
    const webhook = await register(path('ok'));
    const sent = event();
    await publish(sent);
    const before = await settled(sent.id);
    await stack.temporal.workflow.getHandle(before[0]!.workflowId).result();
    expect(await reset(before[0]!.workflowId)).toMatchObject({ delivered: 1 });
    expect(await rows()).toEqual(before);
    expect(await stack.parts.customer.requests(webhook.path)).toHaveLength(1);
  });
});
