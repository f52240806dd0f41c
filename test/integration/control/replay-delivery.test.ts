import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection, defaultPayloadConverter } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import {
  createReplayDelivery,
  type ReplayDeliveryRequest,
  type ReplayDelivery,
} from '../../../control/replay-delivery.js';
import { TemporalUnavailable } from '../../../control/temporal-unavailable.js';
import { replayWorkflowId } from '../../../domain/delivery/workflow-id.js';
import { startParts, type Parts } from '../../../local/start-parts.js';
import { startTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let parts: Parts<'temporal'>;
let connection: Connection;
let client: Client;
let replay: ReplayDelivery;
const started: string[] = [];

beforeAll(async () => {
  database = await startTestDatabase();
  parts = await startParts({ with: ['temporal'], log: () => undefined, env: process.env });
  connection = await Connection.connect({ address: parts.temporal.address });
  client = new Client({ connection });
  replay = createReplayDelivery({ client, db: database.db, taskQueue: 'nobody-listens', schedule: [0, 1_000] });
});
afterAll(async () => {
  await connection.close();
  await parts.stop();
  await database.close();
});
afterEach(async () => {
  for (const id of started.splice(0)) await client.workflow.getHandle(id).terminate();
});

const insert = async (row: Record<string, unknown>): Promise<ReplayDeliveryRequest> => {
  const [accountId, deliveryId] = [randomUUID(), randomUUID()];
  const columns = {
    account_id: accountId,
    delivery_id: deliveryId,
    webhook_id: randomUUID(),
    attempt_number: 1,
    event_id: 'evt_1',
    event_type: 'message.delivered',
    trigger: 'dispatch',
    status: 'failed',
    workflow_id: `wh-${accountId}-evt_1`,
    ...row,
  };
  const places = Object.keys(columns).map((_name, index) => `$${index + 1}`);
  const text = `INSERT INTO hook.delivery_attempts (${Object.keys(columns).join(', ')}) VALUES (${places.join(', ')})`;
  await database.admin.query(text, Object.values(columns));
  return { accountId, deliveryId, requestedBy: 'customer', reason: 'test' };
};
const idOfReplay = (asked: ReplayDeliveryRequest, cycle: number) => {
  const id = replayWorkflowId(asked.accountId, asked.deliveryId, cycle);
  started.push(id);
  return id;
};
const inputOf = async (workflowId: string): Promise<unknown> => {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const payload = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
  return payload && defaultPayloadConverter.fromPayload(payload);
};

describe('a settled delivery', () => {
  test('goes out again in a workflow of the next cycle, with its attempts counted on', async () => {
    const webhookId = randomUUID();
    const row = { attempt_number: 10, cycle: 2, outcome: 'dead_lettered', webhook_id: webhookId };
    const asked = await insert(row);
    const workflowId = idOfReplay(asked, 3);
    expect(await replay(asked)).toEqual({ kind: 'replaying', workflowId });
    expect(await inputOf(workflowId)).toEqual({
      accountId: asked.accountId,
      endpoints: [{ webhookId, deliveryIds: [asked.deliveryId] }],
      schedule: [0, 1_000],
      cycle: 3,
      attemptsBefore: 10,
      replay: { requestedBy: 'customer', reason: 'test' },
    });
    const description = await client.workflow.getHandle(workflowId).describe();
    expect(description.type).toBe('deliverWebhook');
    expect(description.taskQueue).toBe('nobody-listens');
    expect(await description.staticSummary()).toBe(`replay 3: message.delivered → ${webhookId}`);
    const attributes = Object.fromEntries(
      description.typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]),
    );
    expect(attributes).toMatchObject({
      AccountId: asked.accountId,
      EventTypes: ['message.delivered'],
      WebhookIds: [webhookId],
    });
  });

  test('asked for ten times at once goes out once', async () => {
    const asked = await insert({ outcome: 'delivered', status: 'succeeded' });
    const workflowId = idOfReplay(asked, 1);
    const answers = await Promise.all(Array.from({ length: 10 }, () => replay(asked)));
    expect(new Set(answers.map((answer) => answer?.workflowId))).toEqual(new Set([workflowId]));
    const ids: string[] = [];
    const runs = client.workflow.list({ query: `AccountId = "${asked.accountId}"` });
    for await (const run of runs) ids.push(run.workflowId);
    expect(ids).toEqual([workflowId]);
  });

  test('of another account is not replayed', async () => {
    const asked = await insert({ outcome: 'delivered' });
    expect(await replay({ ...asked, accountId: randomUUID() })).toBeUndefined();
  });
});

describe('a waiting delivery', () => {
  test('is woken where it waits', async () => {
    const webhookId = randomUUID();
    const asked = await insert({ webhook_id: webhookId, next_attempt_at: new Date() });
    const workflowId = `wh-${asked.accountId}-evt_1`;
    started.push(workflowId);
    await client.workflow.start('deliverWebhook', { workflowId, taskQueue: 'nobody-listens' });
    expect(await replay(asked)).toEqual({ kind: 'retrying', workflowId });
    const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
    const signal = events?.find(
      (event) => event.workflowExecutionSignaledEventAttributes,
    )?.workflowExecutionSignaledEventAttributes;
    expect(signal?.signalName).toBe('retryNow');
    expect(defaultPayloadConverter.fromPayload(signal?.input?.payloads?.[0] ?? {})).toBe(webhookId);
  });

  test('that was recorded just now, and whose workflow is only being started, is left to it', async () => {
    const asked = await insert({ status: 'pending', next_attempt_at: new Date() });
    await expect(replay(asked)).rejects.toBeInstanceOf(TemporalUnavailable);
  });

  test('whose workflow was ended by hand goes out in a new one', async () => {
    const asked = await insert({ status: 'pending', created_at: new Date(Date.now() - 60_000) });
    expect(await replay(asked)).toEqual({ kind: 'replaying', workflowId: idOfReplay(asked, 1) });
  });
});

test('while Temporal is away the answer is "unavailable", within seconds', async () => {
  const lazy = Connection.lazy({ address: '127.0.0.1:1' });
  const away = createReplayDelivery({
    client: new Client({ connection: lazy }),
    db: database.db,
    taskQueue: 'x',
    schedule: [0],
  });
  await expect(away(await insert({ outcome: 'delivered' }))).rejects.toBeInstanceOf(TemporalUnavailable);
  await lazy.close();
});
