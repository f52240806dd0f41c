import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { defaultPayloadConverter, type WorkflowHandle } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import type { DeliveryState } from '../../contracts/workflows/deliver-webhook.js';
import { eventually } from '../support/eventually.js';
import { answer, type Receiver, startReceiver } from '../support/receiver.js';
import { createScenario } from '../support/scenario.js';
import { type Stack, startStack } from '../support/stack.js';

let stack: Stack;
const receivers: Receiver[] = [];
beforeAll(async () => {
  // The next attempt is an hour away, unless a test requests it.
  stack = await startStack({ RETRY_SCHEDULE: '0,1h,1h' });
  await stack.processes.startDispatcher();
}, 120_000);
afterAll(async () => {
  await Promise.all(receivers.map((receiver) => receiver.close()));
  await stack.close();
}, 60_000);

const handleOf = (workflowId: string) => stack.temporal.workflow.getHandle(workflowId);
const statesOf = (workflowId: string) => handleOf(workflowId).query<DeliveryState[]>('state');
const statusOf = async (workflowId: string) => (await handleOf(workflowId).describe()).status.name;

const summariesOf = async (workflowId: string) => {
  const { events } = await handleOf(workflowId).fetchHistory();
  const payloads = (events ?? []).flatMap(({ userMetadata }) => userMetadata?.summary ?? []);
  return payloads.map((payload) => defaultPayloadConverter.fromPayload<string>(payload));
};

/** An event that failed once at each of `count` endpoints, and waits for an hour at each. */
async function waiting(count = 1) {
  const scenario = createScenario(stack);
  const urls = Array.from({ length: count }, (_, n) => `/hooks/broken/${scenario.accountId}/${String(n)}`);
  const webhooks = await Promise.all(urls.map((url) => scenario.register(url)));
  const sent = scenario.event();
  await scenario.publish(sent);
  const rows = await scenario.waiting(sent.id);
  const deliveryOf = (n: number) => rows.find(({ webhookId }) => webhookId === webhooks[n]?.id)!.deliveryId;
  return { ...scenario, webhooks, sent, before: rows, deliveryOf, workflowId: rows[0]!.workflowId };
}

describe('operations find', () => {
  test.concurrent('workflows by account, event type and webhook', async () => {
    const { accountId, webhooks, workflowId } = await waiting(2);
    const queries = [
      `AccountId = "${accountId}"`,
      `AccountId = "${accountId}" AND EventTypes = "message.delivered"`,
      ...webhooks.map(({ id }) => `WebhookIds = "${id}"`),
    ];
    const found = async (query: string) => {
      const ids: string[] = [];
      for await (const { workflowId: id } of stack.temporal.workflow.list({ query })) ids.push(id);
      return ids;
    };
    for (const query of queries)
      expect(await eventually(async () => (await found(query)).length > 0 && (await found(query)))).toEqual([
        workflowId,
      ]);
    expect(await found(`AccountId = "${randomUUID()}"`)).toEqual([]);
  });

  test.concurrent('what a workflow is about in its summary, and how it stands in its details', async () => {
    const { webhooks, workflowId, deliveryOf } = await waiting(2);
    const description = await handleOf(workflowId).describe();
    expect(await description.staticSummary()).toBe('message.delivered → 2 endpoints');
    const { currentDetails } = await handleOf(workflowId).query<{ currentDetails: string }>(
      '__temporal_workflow_metadata',
    );
    const [head, , ...lines] = currentDetails.split('\n');
    expect(head).toBe('| endpoint | delivery | attempt | state | last result | next attempt |');
    const printed = webhooks.map(({ id }, n) => `| ${id} | ${deliveryOf(n)} | 2 | waiting | 500 http_error | 20`);
    expect(lines.map((line) => line.slice(0, printed[0]!.length)).sort()).toEqual(printed.sort());
  });

  test.concurrent('what a timer waits for and what an activity attempts', async () => {
    const { webhooks, workflowId, retry, deliveryOf, waiting: waits, sent } = await waiting();
    await retry(deliveryOf(0));
    await waits(sent.id, 2);
    const { id } = webhooks[0]!;
    const expected = [`wait for attempt 2 → ${id}`, `attempt 2 → ${id}`, `wait for attempt 3 → ${id}`];
    // The row is written before the activity returns to the workflow.
    await eventually(async () => {
      const summaries = await summariesOf(workflowId);
      return expected.every((summary) => summaries.includes(summary));
    });
  });

  test.concurrent('why a workflow failed', async () => {
    const { workflowId, retry, deliveryOf, waiting: waits, settled, sent } = await waiting(2);
    for (const n of [0, 1]) await retry(deliveryOf(n));
    await waits(sent.id, 2);
    for (const n of [0, 1]) await retry(deliveryOf(n));
    await settled(sent.id);
    const failure: unknown = await handleOf(workflowId)
      .result()
      .catch((error: unknown) => error);
    const summary = { delivered: 0, dead_lettered: 2, canceled: 0, skipped_disabled: 0 };
    expect(failure).toMatchObject({
      cause: { type: 'DeliveryExhausted', message: '2 of 2 deliveries dead-lettered', details: [summary] },
    });
    expect(await statusOf(workflowId)).toBe('FAILED');
    const metadata = await handleOf(workflowId).query<{ currentDetails: string }>('__temporal_workflow_metadata');
    expect(metadata.currentDetails.match(/dead_lettered \| 500 http_error/g)).toHaveLength(2);
  });
});

describe('a signal', () => {
  test.concurrent('retryNow makes the next attempt of its endpoint at once, and of no other', async () => {
    const { webhooks, workflowId, rows, sent, deliveryOf } = await waiting(2);
    await stack.parts.customer.repair(webhooks[0]!.path);
    await handleOf(workflowId).signal('retryNow', webhooks[0]!.id);
    const woken = await eventually(async () =>
      (await rows({ eventId: sent.id })).find(
        ({ deliveryId, attempt }) => deliveryId === deliveryOf(0) && attempt === 2,
      ),
    );
    expect(woken).toMatchObject({ trigger: 'manual', status: 'succeeded', outcome: 'delivered', isLatest: true });
    const states = await eventually(async () => {
      const now = await statesOf(workflowId);
      return now.some(({ status }) => status === 'delivered') && now;
    });
    expect(new Map(states.map(({ deliveryId, status }) => [deliveryId, status]))).toEqual(
      new Map([
        [deliveryOf(0), 'delivered'],
        [deliveryOf(1), 'waiting'],
      ]),
    );
    expect(await stack.parts.customer.requests(webhooks[1]!.path)).toHaveLength(1);
  });

  test.concurrent('cancel ends one waiting delivery as canceled, and no other', async () => {
    const { workflowId, rows, sent, deliveryOf, letters, retry } = await waiting(2);
    await handleOf(workflowId).signal('cancel', deliveryOf(0));
    const canceled = await eventually(async () =>
      (await rows({ eventId: sent.id })).find(({ outcome }) => outcome !== null),
    );
    expect(canceled).toMatchObject({ deliveryId: deliveryOf(0), attempt: 1, status: 'failed', nextAttemptAt: null });
    expect(canceled).toMatchObject({ outcome: 'canceled', outcomeReason: 'canceled_on_request' });
    expect(await statusOf(workflowId)).toBe('RUNNING');
    await handleOf(workflowId).signal('cancel', deliveryOf(1));
    expect(await handleOf(workflowId).result()).toMatchObject({ canceled: 2 });
    expect(await letters()).toEqual([]);
    expect(await retry(deliveryOf(0))).toMatchObject({ body: { kind: 'replaying' } });
  });

  test.concurrent('cancel leaves the other deliveries of the endpoint waiting', async () => {
    const { register, event, publish, path, waiting: waits, rows } = createScenario(stack);
    await register(path('broken'));
    const [one, other] = [event(), event()];
    await publish([one, other]);
    const [canceled] = await waits(one.id);
    const [kept] = await waits(other.id);
    await handleOf(canceled!.workflowId).signal('cancel', canceled!.deliveryId);
    await eventually(async () => (await rows({ eventId: one.id })).some(({ outcome }) => outcome === 'canceled'));
    expect(await rows({ eventId: other.id })).toEqual([kept]);
    const states = (await statesOf(kept!.workflowId)).map(({ deliveryId, status }) => [deliveryId, status]);
    expect(Object.fromEntries(states)).toMatchObject({ [kept!.deliveryId]: 'waiting' });
  });

  test.concurrent('of an unknown delivery or endpoint changes nothing', async () => {
    const { workflowId, before, rows, sent } = await waiting();
    await handleOf(workflowId).signal('cancel', randomUUID());
    await handleOf(workflowId).signal('retryNow', randomUUID());
    expect(await statesOf(workflowId)).toMatchObject([{ status: 'waiting', attempt: 2 }]);
    expect(await rows({ eventId: sent.id })).toEqual(before);
  });
});

describe('a workflow canceled from outside', () => {
  const expectCanceled = async (handle: WorkflowHandle) => {
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect((await handle.describe()).status.name).toBe('CANCELLED');
  };

  test.concurrent('sets the outcome of every waiting delivery and keeps existing outcomes', async () => {
    const { webhooks, workflowId, settled, sent, deliveryOf, letters } = await waiting(3);
    await stack.parts.customer.repair(webhooks[0]!.path);
    await handleOf(workflowId).signal('retryNow', webhooks[0]!.id);
    await eventually(async () => (await statesOf(workflowId)).some(({ status }) => status === 'delivered'));
    await handleOf(workflowId).cancel();
    await expectCanceled(handleOf(workflowId));
    const latest = (await settled(sent.id)).filter(({ isLatest }) => isLatest);
    const printed = latest.map(({ deliveryId, outcome, outcomeReason }) => [deliveryId, [outcome, outcomeReason]]);
    expect(Object.fromEntries(printed)).toEqual({
      [deliveryOf(0)]: ['delivered', null],
      [deliveryOf(1)]: ['canceled', 'workflow_canceled'],
      [deliveryOf(2)]: ['canceled', 'workflow_canceled'],
    });
    expect(latest.every(({ nextAttemptAt }) => nextAttemptAt === null)).toBe(true);
    expect(await letters()).toEqual([]);
  });

  test.concurrent('during an attempt waits for it, and records what became of it', async () => {
    const { webhooks, workflowId, settled, sent, retry, replace, deliveryOf } = await waiting();
    const receiver = await startReceiver(answer({ delayMs: 1_500 }));
    receivers.push(receiver);
    await replace(webhooks[0]!, { url: receiver.url });
    await retry(deliveryOf(0));
    await receiver.received(1);
    await handleOf(workflowId).cancel();
    await handleOf(workflowId)
      .result()
      .catch(() => undefined);
    expect((await settled(sent.id)).at(-1)).toMatchObject({ attempt: 2, status: 'succeeded', outcome: 'delivered' });
  });

  test.concurrent('during a last attempt that fails leaves no delivery open', async () => {
    const { webhooks, workflowId, settled, waiting: waits, sent, retry, replace, deliveryOf } = await waiting();
    await retry(deliveryOf(0));
    await waits(sent.id, 2);
    const receiver = await startReceiver(answer({ status: 500, delayMs: 1_500 }));
    receivers.push(receiver);
    await replace(webhooks[0]!, { url: receiver.url });
    await retry(deliveryOf(0));
    await receiver.received(1);
    await handleOf(workflowId).cancel();
    await handleOf(workflowId)
      .result()
      .catch(() => undefined);
    const last = (await settled(sent.id)).at(-1);
    expect(last).toMatchObject({ attempt: 3, status: 'failed', isLatest: true });
    expect(['dead_lettered', 'canceled']).toContain(last?.outcome);
  });

  test.concurrent('during its first attempts leaves no delivery open and posts nothing again', async () => {
    const { register, event, publish, settled, rows } = createScenario(stack);
    const receiver = await startReceiver(answer({ status: 500, delayMs: 1_500 }));
    receivers.push(receiver);
    await register(receiver.url);
    const sent = event();
    await publish(sent);
    await receiver.received(1);
    const [row] = await rows({ eventId: sent.id });
    await handleOf(row!.workflowId).cancel();
    await expectCanceled(handleOf(row!.workflowId));
    expect(await settled(sent.id)).toMatchObject([
      { attempt: 1, status: 'failed', responseStatus: 500, outcome: 'canceled' },
    ]);
    expect(receiver.requests).toHaveLength(1);
  });
});

test.concurrent('the state of a workflow contains the state of each delivery', async () => {
  const { workflowId, before } = await waiting();
  const [{ deliveryId, webhookId }] = before as [(typeof before)[number]];
  const [state, ...others] = await statesOf(workflowId);
  expect(others).toEqual([]);
  expect(state).toMatchObject({
    deliveryId,
    webhookId,
    attempt: 2,
    status: 'waiting',
    lastResponseStatus: 500,
    lastErrorCode: 'http_error',
  });
  const inMs = Date.parse(state!.nextAttemptAt!) - Date.now();
  expect(inMs).toBeGreaterThan(0.8 * 3_600_000 - 60_000);
  expect(inMs).toBeLessThan(1.2 * 3_600_000);
});
