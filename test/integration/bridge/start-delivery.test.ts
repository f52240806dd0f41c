import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import { type DeliveryToStart, startDelivery } from '../../../bridge/start-delivery.js';
import { batchWorkflowId, eventWorkflowId } from '../../../domain/delivery/workflow-id.js';
import { type Parts, startParts } from '../../../local/start-parts.js';
import { eventually } from '../../support/eventually.js';

let parts: Parts<'temporal'>;
let connection: NativeConnection;
let client: Client;
beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  parts = await startParts({ with: ['temporal'], log: () => undefined, env: process.env });
  connection = await NativeConnection.connect({ address: parts.temporal.address });
  client = new Client({ connection });
}, 300_000);
afterAll(async () => {
  await connection.close();
  await parts.stop();
});

const start = (delivery: DeliveryToStart, namespace?: string) =>
  startDelivery(
    {
      client: namespace === undefined ? client : new Client({ connection, namespace }),
      taskQueue: 'nobody',
      schedule: [0, 5_000],
    },
    delivery,
  );

function toStart(more: Partial<DeliveryToStart> = {}): DeliveryToStart {
  const accountId = randomUUID();
  const endpoints = [{ webhookId: randomUUID(), deliveryIds: [randomUUID()] }];
  const workflowId = eventWorkflowId(accountId, 'evt_1');
  return { accountId, workflowId, receivedAtMs: 1_000, endpoints, eventTypes: ['order.paid'], ...more };
}

describe('the workflow of a message', () => {
  test('is started once with references only, and can be found by what it is about', async () => {
    const delivery = toStart();
    expect(await start(delivery)).toBe('started_elsewhere');
    const handle = client.workflow.getHandle(delivery.workflowId);
    const { events } = await handle.fetchHistory();
    const started = events?.[0]?.workflowExecutionStartedEventAttributes;
    expect(JSON.parse(Buffer.from(started?.input?.payloads?.[0]?.data ?? []).toString())).toEqual({
      accountId: delivery.accountId,
      endpoints: delivery.endpoints,
      schedule: [0, 5_000],
      cycle: 0,
      attemptsBefore: 0,
    });
    const query = `AccountId = '${delivery.accountId}' AND EventTypes = 'order.paid' AND WebhookIds = '${delivery.endpoints[0]?.webhookId ?? ''}'`;
    expect(await eventually(async () => (await client.workflow.count(query)).count === 1)).toBe(true);
    expect(await (await handle.describe()).staticSummary()).toBe('order.paid → 1 endpoint');
  });

  test('is told from our own redelivery and from a producer’s duplicate', async () => {
    const delivery = toStart();
    await start(delivery);
    expect(await start(delivery)).toBe('redelivered');
    expect(await start({ ...delivery, receivedAtMs: 1_001 })).toBe('duplicate');
  });

  test('is not started again after it has ended', async () => {
    const delivery = toStart();
    await start(delivery);
    await client.workflow.getHandle(delivery.workflowId).terminate();
    expect(await start(delivery)).toBe('redelivered');
    expect(await start({ ...delivery, receivedAtMs: 2_000 })).toBe('duplicate');
  });

  test('is started for the largest batch there can be: a hundred long types to ten webhooks', async () => {
    const accountId = randomUUID();
    const eventTypes = Array.from({ length: 100 }, (_, n) => `t${String(n)}.`.padEnd(100, 'x'));
    const endpoints = Array.from({ length: 10 }, () => ({
      webhookId: randomUUID(),
      deliveryIds: Array.from({ length: 100 }, () => randomUUID()),
    }));
    const delivery = toStart({
      accountId,
      workflowId: batchWorkflowId(accountId, 'f'.repeat(32)),
      endpoints,
      eventTypes,
    });
    expect(await start(delivery)).toBe('started_elsewhere');
    const { staticSummary } = await client.workflow.getHandle(delivery.workflowId).describe();
    expect(await staticSummary()).toMatch(/ and 99 more types → 10 endpoints$/);
  });
});

describe('a start is', () => {
  test('refused when the request itself is impossible', async () => {
    expect(await start(toStart({ workflowId: 'x'.repeat(2_000) }))).toBe('refused');
  });

  test('unavailable, and no message’s fault, when the namespace does not exist', async () => {
    expect(await start(toStart(), 'no-such-namespace')).toBe('unavailable');
  });

  test('unavailable, and no message’s fault, when the search attributes were not registered', async () => {
    await client.workflowService.registerNamespace({
      namespace: 'bare',
      workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
    });
    // Until the server has heard of its new namespace the answer is the same for another reason.
    const delivery = toStart();
    await eventually(() => client.workflowService.describeNamespace({ namespace: 'bare' }));
    for (let n = 0; n < 3; n += 1) expect(await start(delivery, 'bare')).toBe('unavailable');
  });

  test('unavailable while the server is away, and possible again afterwards', async () => {
    const delivery = toStart();
    await parts.temporal.stop();
    try {
      expect(await start(delivery)).toBe('unavailable');
    } finally {
      await parts.temporal.restart();
    }
    expect(await eventually(async () => (await start(delivery)) === 'started_elsewhere')).toBe(true);
  });
});
