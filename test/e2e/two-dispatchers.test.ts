import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceProcess } from '../../local/own-processes.js';
import { countMessages, readMetric } from '../support/metrics.js';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { createScenario } from '../support/scenario.js';
import { type Stack, startStack } from '../support/stack.js';

const MESSAGES = 48;
/** Batches make requests overlap also on a slow machine. */
const EVENTS_EACH = 5;
/** More requests than one dispatcher may have open at the same time. */
const MORE_THAN_ONE = 21;

let stack: Stack;
let receiver: Receiver;
let dispatchers: ServiceProcess[];
/** Requests without a response, as the receiver counts them: current and maximum number. */
const open = { now: 0, most: 0 };
beforeAll(async () => {
  stack = await startStack();
  receiver = await startReceiver(async (_request, response) => {
    open.now += 1;
    open.most = Math.max(open.most, open.now);
    await heldBack();
    open.now -= 1;
    response.writeHead(204).end();
  });
  dispatchers = [await stack.processes.startDispatcher(), await stack.processes.startDispatcher()];
}, 120_000);
afterAll(async () => {
  await stack.close();
  await receiver.close();
});

/** A response waits for requests of both dispatchers, but less than the time after which an endpoint counts as slow (1 s). */
async function heldBack(): Promise<void> {
  const until = performance.now() + 700;
  do await sleep(50);
  while (open.most < MORE_THAN_ONE && performance.now() < until);
}

/** An endpoint without earlier responses gets one request at a time. */
async function allProven(scenarios: readonly ReturnType<typeof createScenario>[]): Promise<void> {
  for (const scenario of scenarios) {
    const event = scenario.event();
    await scenario.publish(event);
    await scenario.settled(event.id);
  }
}

const inUse = async (dispatcher: ServiceProcess) =>
  (await readMetric(dispatcher, 'dispatcher_fast_lane_in_use')) +
  (await readMetric(dispatcher, 'dispatcher_slow_lane_in_use'));

test('two dispatchers share the load, each within its limit, and deliver everything once', async () => {
  const scenarios = Array.from({ length: 8 }, () => createScenario(stack));
  await Promise.all(scenarios.map(({ register }) => register(receiver.url)));
  await allProven(scenarios);
  const planned = Array.from({ length: MESSAGES }, (_, n) => scenarios[n % scenarios.length]!).map((scenario) => ({
    scenario,
    events: Array.from({ length: EVENTS_EACH }, () => scenario.event()),
  }));
  const most = dispatchers.map(() => 0);
  const watching = setInterval(() => {
    dispatchers.forEach((each, i) => void inUse(each).then((now) => (most[i] = Math.max(most[i]!, now))));
  }, 100);
  await Promise.all(planned.map(({ scenario, events }) => scenario.publish(events)));
  const all = planned.flatMap(({ scenario, events }) => events.map(({ id }) => ({ scenario, id })));
  const rows = (await Promise.all(all.map(({ scenario, id }) => scenario.settled(id, 60_000)))).flat();
  clearInterval(watching);

  expect(rows.map(({ attempt, outcome }) => [attempt, outcome])).toEqual(all.map(() => [1, 'delivered']));
  const ids = receiver.requests.map(({ headers }) => String(headers['webhook-id']));
  expect(ids.slice(scenarios.length).sort()).toEqual(all.map(({ id }) => id).sort());
  for (const each of most) expect(each).toBeLessThanOrEqual(20);
  // More than the limit of one dispatcher, and at most the limit of both.
  expect(open.most).toBeGreaterThanOrEqual(MORE_THAN_ONE);
  expect(open.most).toBeLessThanOrEqual(40);
  const started = await Promise.all(dispatchers.map((each) => countMessages(each, 'started')));
  expect(started.reduce((sum, each) => sum + each)).toBe(MESSAGES + scenarios.length);
  for (const each of started) expect(each).toBeGreaterThan(MESSAGES / 8);
}, 120_000);

test('a rate limit is of the endpoint, not of a process, and consumes no attempt', async () => {
  const scenario = createScenario(stack);
  const { id } = await scenario.register(`${receiver.url}limited`);
  await stack.admin.query('UPDATE hook.webhook_configs SET rate_limit = 5 WHERE id = $1', [id]);
  const events = Array.from({ length: 30 }, () => scenario.event());
  await scenario.publish(events.slice(0, 5));
  await Promise.all(events.slice(5).map((event) => scenario.publish(event)));
  const rows = (await Promise.all(events.map((event) => scenario.settled(event.id, 60_000)))).flat();
  expect(rows.map(({ attempt, outcome }) => [attempt, outcome])).toEqual(events.map(() => [1, 'delivered']));
  const times = receiver.requests.filter(({ path }) => path === '/limited').map(({ receivedAt }) => receivedAt);
  const mostInASecond = Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 1_000).length));
  // On a busy machine some requests are late and their successors on time. Without the limit all arrive within a second.
  expect(mostInASecond).toBeLessThanOrEqual(15);
  expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(4_000);
}, 120_000);
