import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { createScenario } from '../support/scenario.js';
import { type Stack, startStack } from '../support/stack.js';

let stack: Stack;
let receiver: Receiver;
/** Requests without a response, as the receiver counts them. */
const now = { first: 0, again: 0 };
const peak = { all: 0, first: 0, again: 0, mixed: 0 };

beforeAll(async () => {
  stack = await startStack({ RETRY_SCHEDULE: '0,100ms,100ms,100ms' });
  receiver = await startReceiver(async ({ headers, body }, response) => {
    const attempt = Number(headers['webhook-attempt']);
    const { data } = JSON.parse(body.toString()) as { data: { failures: number } };
    const kind = attempt === 1 ? 'first' : 'again';
    now[kind] += 1;
    peak.first = Math.max(peak.first, now.first);
    peak.again = Math.max(peak.again, now.again);
    peak.all = Math.max(peak.all, now.first + now.again);
    if (now.first > 0 && now.again > 0) peak.mixed = Math.max(peak.mixed, now.first + now.again);
    await sleep(500);
    now[kind] -= 1;
    response.writeHead(attempt <= data.failures ? 500 : 200).end();
  });
  await stack.processes.startDispatcher();
}, 120_000);
afterAll(async () => {
  await stack.close();
  await receiver.close();
});

/** One message of 25 events. */
async function publish(scenario: ReturnType<typeof createScenario>, failures: number): Promise<string[]> {
  const events = Array.from({ length: 25 }, () => scenario.event({ data: { failures } }));
  await scenario.publish(events);
  return events.map(({ id }) => id);
}

test('HTTP-09 a process has at most 20 requests under way, retries and first attempts together, and uses them', async () => {
  const [failing, sound] = [createScenario(stack), createScenario(stack)];
  await Promise.all([failing.register(`${receiver.url}failing`), sound.register(`${receiver.url}sound`)]);
  // Without a recent success the endpoint would get only half of the permits of its lane.
  const proof = sound.event({ data: { failures: 0 } });
  await sound.publish(proof);
  await sound.settled(proof.id);
  // Enough retries to fill their lane for a while, with first attempts at the same time.
  const again = [...(await publish(failing, 3)), ...(await publish(failing, 3))];
  await eventually(() => Promise.resolve(peak.again >= 5), 60_000);
  const first = [];
  for (let i = 0; i < 4; i++) first.push(...(await publish(sound, 0)));
  const rows = (
    await Promise.all([
      ...again.map((id) => failing.settled(id, 120_000)),
      ...first.map((id) => sound.settled(id, 120_000)),
    ])
  ).flat();

  expect(rows.filter(({ outcome }) => outcome === 'delivered')).toHaveLength(150);
  expect(receiver.requests).toHaveLength(50 * 4 + 100 + 1);
  expect(peak.all).toBeLessThanOrEqual(20);
  // The peak exceeds the permits of the larger lane, so both lanes were busy, and no delivery was left in a queue.
  expect(peak.mixed).toBeGreaterThan(14);
  expect(rows.filter(({ errorCode }) => errorCode === 'timeout')).toEqual([]);
}, 180_000);
