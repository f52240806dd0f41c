import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { WorkflowNotFoundError } from '@temporalio/client';
import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import type { ServiceProcess } from '../../local/own-processes.js';
import { eventually } from '../support/eventually.js';
import { countMessages } from '../support/metrics.js';
import { answer, inTurn, type ReceivedRequest, startReceiver } from '../support/receiver.js';
import { createScenario } from '../support/scenario.js';
import { type Stack, startStack } from '../support/stack.js';
import { drained } from '../support/stream.js';

let stack: Stack;
let dispatcher: ServiceProcess;
beforeAll(async () => {
  // The next attempt is an hour away, unless a test requests it.
  stack = await startStack({ RETRY_SCHEDULE: '0,1h,1h' });
  dispatcher = await stack.processes.startDispatcher();
}, 120_000);
afterAll(() => stack.close(), 60_000);

/** A delivery whose first attempt failed and whose second one is an hour away. */
async function waitingAt(url: string) {
  const scenario = createScenario(stack);
  const webhook = await scenario.register(url);
  const sent = scenario.event();
  await scenario.publish(sent);
  const [row] = await scenario.waiting(sent.id);
  return { ...scenario, webhook, sent, ...row! };
}

const statusOf = async (workflowId: string) =>
  (await stack.temporal.workflow.getHandle(workflowId).describe()).status.name;

const broken = () => `/hooks/broken/${randomBytes(6).toString('hex')}`;

test.concurrent('an endpoint disabled at dispatch gets a row that is kept, and no workflow', async () => {
  const { register, replace, event, publish, settled, call } = createScenario(stack);
  const webhook = await register(`/hooks/ok/${randomBytes(6).toString('hex')}`);
  await replace(webhook, { status: 'disabled' });
  const sent = event();
  await publish(sent);
  const [row, ...others] = await settled(sent.id);
  expect(others).toEqual([]);
  expect(row).toMatchObject({ status: 'skipped', outcome: 'skipped_disabled', outcomeReason: 'endpoint_disabled' });
  expect(row).toMatchObject({ attempt: 1, nextAttemptAt: null, startedAt: null });
  await expect(statusOf(row!.workflowId)).rejects.toThrow(WorkflowNotFoundError);
  await drained(stack);
  expect(await countMessages(dispatcher, 'skipped')).toBe(1);
  const { body } = await call('GET', `/v1/deliveries/${row!.deliveryId}`);
  expect(body).toMatchObject({ status: 'skipped_disabled', payload: { id: sent.id, data: sent.data } });
  expect(await stack.parts.customer.requests(webhook.path)).toEqual([]);
});

test.concurrent('an enabled endpoint is delivered to although a disabled one gets the same event', async () => {
  const { register, replace, event, publish, settled } = createScenario(stack);
  const disabled = await register(broken());
  const enabled = await register(`/hooks/ok/${randomBytes(6).toString('hex')}`);
  await replace(disabled, { status: 'disabled' });
  const sent = event();
  await publish(sent);
  const outcomes = (await settled(sent.id)).map(({ webhookId, outcome }) => [webhookId, outcome]);
  expect(Object.fromEntries(outcomes)).toEqual({ [disabled.id]: 'skipped_disabled', [enabled.id]: 'delivered' });
});

test.concurrent('an endpoint disabled while a delivery waits ends it as skipped, without another request', async () => {
  const { webhook, replace, retry, deliveryId, settled, sent, workflowId, letters } = await waitingAt(broken());
  await replace(webhook, { status: 'disabled' });
  expect(await retry(deliveryId)).toMatchObject({ status: 202, body: { kind: 'retrying' } });
  expect(await settled(sent.id)).toMatchObject([
    {
      attempt: 1,
      status: 'failed',
      outcome: 'skipped_disabled',
      outcomeReason: 'endpoint_disabled',
      nextAttemptAt: null,
    },
  ]);
  expect(await stack.temporal.workflow.getHandle(workflowId).result()).toMatchObject({ skipped_disabled: 1 });
  expect(await stack.parts.customer.requests(webhook.path)).toHaveLength(1);
  expect(await letters()).toEqual([]);
});

test.concurrent('an endpoint deleted while a delivery waits cancels it with that reason; nothing failed', async () => {
  const { webhook, call, retry, deliveryId, settled, sent, workflowId, letters } = await waitingAt(broken());
  expect(await call('DELETE', `/v1/webhooks/${webhook.id}`)).toMatchObject({ status: 204 });
  await retry(deliveryId);
  expect(await settled(sent.id)).toMatchObject([
    { attempt: 1, status: 'failed', outcome: 'canceled', outcomeReason: 'endpoint_deleted', nextAttemptAt: null },
  ]);
  expect(await letters()).toMatchObject([{ deliveryId, reason: 'endpoint_deleted', attempts: 1 }]);
  expect(await stack.temporal.workflow.getHandle(workflowId).result()).toMatchObject({ canceled: 1, dead_lettered: 0 });
  expect(await statusOf(workflowId)).toBe('COMPLETED');
  expect(await stack.parts.customer.requests(webhook.path)).toHaveLength(1);
});

test.concurrent('an endpoint moved while a delivery waits gets it at its new address', async () => {
  const { webhook, replace, retry, deliveryId, settled, sent } = await waitingAt(broken());
  const path = `/hooks/ok/${randomBytes(6).toString('hex')}`;
  await replace(webhook, { url: `${stack.parts.customer.url}${path}` });
  await retry(deliveryId);
  const rows = await settled(sent.id);
  expect(rows.map(({ status, outcome }) => [status, outcome])).toEqual([
    ['failed', null],
    ['succeeded', 'delivered'],
  ]);
  expect(await stack.parts.customer.requests(webhook.path)).toHaveLength(1);
  expect(await stack.parts.customer.requests(path)).toMatchObject([{ webhookId: sent.id, attempt: 2 }]);
});

describe('a secret rotated while a delivery waits', () => {
  const verifies = (secret: string, { headers, body }: ReceivedRequest): boolean => {
    try {
      new Webhook(secret).verify(body, headers as Record<string, string>);
      return true;
    } catch {
      return false;
    }
  };

  test.concurrent('signs the next attempt, and the old one does not', async () => {
    const receiver = await startReceiver(inTurn(answer({ status: 500 }), answer()));
    try {
      const { webhook, replace, retry, deliveryId, settled, sent, secretVersion } = await waitingAt(receiver.url);
      const renewed = `whsec_${randomBytes(32).toString('base64')}`;
      await replace(webhook, { secret: renewed });
      await retry(deliveryId);
      const rows = await settled(sent.id);
      expect([secretVersion, ...rows.map((row) => row.secretVersion)]).toEqual([1, 1, 2]);
      const [before, after] = receiver.requests;
      expect([verifies(webhook.secret, before!), verifies(renewed, before!)]).toEqual([true, false]);
      expect([verifies(webhook.secret, after!), verifies(renewed, after!)]).toEqual([false, true]);
      expect(after!.body.equals(before!.body)).toBe(true);
    } finally {
      await receiver.close();
    }
  });
});

test.concurrent('a disabled endpoint that is enabled again while a delivery waits gets it', async () => {
  const { webhook, replace, retry, deliveryId, settled, sent } = await waitingAt(broken());
  await replace(webhook, { status: 'disabled' });
  await replace(webhook, { status: 'enabled' });
  await stack.parts.customer.repair(webhook.path);
  await retry(deliveryId);
  const latest = await eventually(async () => (await settled(sent.id)).find(({ isLatest }) => isLatest));
  expect(latest).toMatchObject({ attempt: 2, outcome: 'delivered', trigger: 'manual' });
});
