import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceProcess } from '../../local/own-processes.js';
import { eventually } from '../support/eventually.js';
import { NOTHING_WRONG } from '../support/load.js';
import { loadThroughOutage } from '../support/load-outage.js';
import { readMetric } from '../support/metrics.js';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { createScenario } from '../support/scenario.js';
import { type Stack, startStack } from '../support/stack.js';

let stack: Stack;
let receiver: Receiver;
let dispatcher: ServiceProcess;
beforeAll(async () => {
  stack = await startStack();
  receiver = await startReceiver();
  dispatcher = await stack.processes.startDispatcher();
}, 120_000);
afterAll(async () => {
  await stack.close();
  await receiver.close();
});

test.each(['postgres', 'kms'] as const)(
  '%s stopped for ten seconds under load: nothing is lost, no attempt is consumed, and it recovers by itself',
  async (server) => {
    expect(await loadThroughOutage(stack, server)).toEqual(NOTHING_WRONG);
    await eventually(async () => (await readMetric(dispatcher, 'dispatcher_messages_in_flight')) === 0);
    expect(dispatcher.child.ended()).toBeUndefined();
  },
  150_000,
);

/** Longer than the write of a row is retried while PostgreSQL is unavailable. */
const BEYOND_PATIENCE_MS = 8_000;

test.each([
  ['first', 1],
  ['second', 2],
])(
  'PostgreSQL stopped between the %s request and its row: the row is written later, no request is repeated',
  async (_, n) => {
    const { register, event, publish, settled } = createScenario(stack);
    const webhook = await register(`${receiver.url}between-${String(n)}`);
    const sent = event();
    const ofThis = () => receiver.requests.filter(({ headers }) => headers['webhook-id'] === sent.id);
    receiver.behave(async (_request, response) => {
      if (ofThis().length === n) await stack.parts.postgres.stop();
      response.writeHead(ofThis().length === n ? 200 : 500).end('an answer that only the row contains');
    });
    await publish(sent);
    await eventually(async () => ofThis().length === n);
    await sleep(BEYOND_PATIENCE_MS);
    await stack.parts.postgres.restart();
    const rows = await settled(sent.id, 60_000);
    expect(rows.map(({ attempt, status, responseStatus }) => [attempt, status, responseStatus])).toEqual([
      ...Array.from({ length: n - 1 }, (_each, i) => [i + 1, 'failed', 500]),
      [n, 'succeeded', 200],
    ]);
    expect(rows.at(-1)).toMatchObject({ outcome: 'delivered', webhookId: webhook.id, secretVersion: 1, preview: null });
    expect(ofThis()).toHaveLength(n);
  },
  90_000,
);

test('a dispatcher that starts while the key service is unavailable delivers with first attempts after the recovery', async () => {
  const { register, event, publish, settled, rows } = createScenario(stack);
  const { path } = await register('/hooks/ok/cold');
  const events = Array.from({ length: 20 }, () => event());
  await dispatcher.child.stop();
  await stack.parts.kms.stop();
  dispatcher = await stack.processes.startDispatcher();
  await Promise.all(events.map(publish));
  await eventually(async () => (await rows()).length === events.length);
  await sleep(5_000);
  expect(await stack.parts.customer.requests(path)).toEqual([]);
  await stack.parts.kms.restart();
  const all = (await Promise.all(events.map(({ id }) => settled(id, 60_000)))).flat();
  expect(all.map(({ attempt, outcome }) => [attempt, outcome])).toEqual(events.map(() => [1, 'delivered']));
  expect(await stack.parts.customer.requests(path)).toHaveLength(events.length);
}, 120_000);
