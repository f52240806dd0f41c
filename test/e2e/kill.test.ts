import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ServiceProcess } from '../../local/own-processes.js';
import { eventually } from '../support/eventually.js';
import { readMetric } from '../support/metrics.js';
import { answer, inTurn, neverAnswer, type Receiver, startReceiver } from '../support/receiver.js';
import { createScenario } from '../support/scenario.js';
import { type Stack, startStack } from '../support/stack.js';
import { drained } from '../support/stream.js';

/** Waits that are longer than the life of the process. */
const SCHEDULE = { RETRY_SCHEDULE: '0,12s,6s' };
/** JetStream delivers an unacknowledged message again after 30 s. Temporal starts an interrupted task again after 12 s. */
const WITHIN_MS = 90_000;
const BURST = 80;

type Scenario = ReturnType<typeof createScenario>;
type Event = ReturnType<Scenario['event']>;
const NAMES = ['waits', 'dies', 'again', 'posts', 'acks', 'burst'] as const;

let stack: Stack;
let receiver: Receiver;
let dispatcher: ServiceProcess;
let scenarios: Record<(typeof NAMES)[number], Scenario>;
let events: Record<(typeof NAMES)[number], Event>;
let burst: Event[];

beforeAll(async () => {
  stack = await startStack(SCHEDULE);
  receiver = await startReceiver();
  dispatcher = await stack.processes.startDispatcher();
  scenarios = Object.fromEntries(NAMES.map((name) => [name, createScenario(stack)])) as typeof scenarios;
  events = Object.fromEntries(NAMES.map((name) => [name, scenarios[name].event()])) as typeof events;
  burst = Array.from({ length: BURST }, () => scenarios.burst.event());
  behave();
  await Promise.all(NAMES.map((name) => scenarios[name].register(receiver.url)));
  await killInTheMiddle();
  dispatcher = await stack.processes.startDispatcher();
}, 180_000);
afterAll(async () => {
  await stack.close();
  await receiver.close();
});

/** The responses of the receiver to the requests of one event, in order. */
function behave(): void {
  const [well, badly] = [answer({ status: 204 }), answer({ status: 500 })];
  const scripts = new Map([
    [events.waits.id, inTurn(badly, well)],
    [events.dies.id, badly],
    [events.again.id, inTurn(badly, neverAnswer(), well)],
    [events.posts.id, inTurn(neverAnswer(), well)],
  ]);
  receiver.behave((request, response) => (scripts.get(idOf(request)) ?? well)(request, response));
}

const idOf = ({ headers }: Receiver['requests'][number]) => String(headers['webhook-id']);
/** The attempt numbers of an event that the receiver saw. */
const attemptsSeen = ({ id }: Event) =>
  receiver.requests.filter((request) => idOf(request) === id).map(({ headers }) => Number(headers['webhook-attempt']));

/**
 * Brings one delivery into each state in which a process can die, and then kills the dispatcher: a wait, a first
 * request, a later request, and finished but not acknowledged.
 */
async function killInTheMiddle(): Promise<void> {
  await Promise.all(
    (['waits', 'dies', 'again'] as const).map(async (name) => {
      await scenarios[name].publish(events[name]);
      await scenarios[name].waiting(events[name].id);
    }),
  );
  const release = await holdWrites();
  await scenarios.posts.publish(events.posts);
  await scenarios.acks.publish(events.acks);
  await Promise.all(burst.map((event) => scenarios.burst.publish(event)));
  // A stopped broker accepts no acknowledgement.
  process.kill(stack.parts.nats.pid ?? 0, 'SIGSTOP');
  await release();
  const [row] = await scenarios.acks.settled(events.acks.id);
  expect(row).toMatchObject({ outcome: 'delivered' });
  const [waiting] = await scenarios.again.rows();
  await scenarios.again.retry(waiting?.deliveryId ?? '');
  await eventually(async () => attemptsSeen(events.again).length === 2 && attemptsSeen(events.posts).length === 1);
  await dispatcher.child.kill();
  process.kill(stack.parts.nats.pid ?? 0, 'SIGCONT');
}

/** Blocks all writes until released, so that no message is acknowledged. */
async function holdWrites(): Promise<() => Promise<void>> {
  const client = await stack.admin.connect();
  await client.query('BEGIN; LOCK TABLE hook.delivery_attempts IN EXCLUSIVE MODE');
  return async () => {
    await client.query('COMMIT');
    client.release();
  };
}

const attemptsOf = async (name: (typeof NAMES)[number]) =>
  (await scenarios[name].settled(events[name].id, WITHIN_MS)).map(
    ({ attempt, status }) => `${String(attempt)} ${status}`,
  );

test('killed while a delivery waits: the wait goes on elsewhere', async () => {
  expect(await attemptsOf('waits')).toEqual(['1 failed', '2 succeeded']);
  expect(attemptsSeen(events.waits)).toEqual([1, 2]);
}, 120_000);

test('killed during a first request: the attempt is made again under the same webhook id and counts once', async () => {
  expect(await attemptsOf('posts')).toEqual(['1 succeeded']);
  expect(attemptsSeen(events.posts)).toEqual([1, 1]);
}, 120_000);

test('killed during a later request: the attempt is made again under the same webhook id and counts once', async () => {
  expect(await attemptsOf('again')).toEqual(['1 failed', '2 succeeded']);
  expect(attemptsSeen(events.again)).toEqual([1, 2, 2]);
}, 120_000);

test('killed while an exhausted delivery waited: it is dead-lettered once', async () => {
  expect(await attemptsOf('dies')).toEqual(['1 failed', '2 failed', '3 failed']);
  expect(attemptsSeen(events.dies)).toEqual([1, 2, 3]);
  expect(await scenarios.dies.letters()).toMatchObject([{ eventId: events.dies.id, attempts: 3 }]);
}, 120_000);

test('killed after a delivery, before its acknowledgement: the message is received again and no request is repeated', async () => {
  await drained(stack);
  expect(await attemptsOf('acks')).toEqual(['1 succeeded']);
  expect(attemptsSeen(events.acks)).toEqual([1]);
}, 120_000);

test('killed in a burst: every delivery ends with one attempt', async () => {
  const ended = await Promise.all(burst.map(({ id }) => scenarios.burst.settled(id, WITHIN_MS)));
  expect(ended.map((rows) => rows.map(({ attempt, outcome }) => [attempt, outcome]))).toEqual(
    burst.map(() => [[1, 'delivered']]),
  );
  expect(new Set(burst.flatMap(attemptsSeen))).toEqual(new Set([1]));
  await eventually(async () => (await readMetric(dispatcher, 'dispatcher_messages_in_flight')) === 0);
}, 120_000);
