import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ServiceProcess } from '../../local/own-processes.js';
import { eventually } from '../support/eventually.js';
import { countMessages } from '../support/metrics.js';
import { createScenario } from '../support/scenario.js';
import { type Stack, startStack } from '../support/stack.js';
import { drained } from '../support/stream.js';

type Scenario = ReturnType<typeof createScenario>;

let stack: Stack;
let dispatchers: ServiceProcess[];
/** Messages published before the dispatcher started, so that its first pull brings all of them in one micro-batch. */
let early: { scenario: Scenario; sent: ReturnType<Scenario['event']> }[];
let givenBack: (typeof early)[number];

beforeAll(async () => {
  stack = await startStack();
  givenBack = await prepared();
  await givenBack.scenario.publish(givenBack.sent);
  await giveBack();
  early = await Promise.all([prepared(), prepared(), prepared()]);
  await Promise.all(early.flatMap(({ scenario, sent }, kind) => repeats(sent)[kind]!.map(scenario.publish)));
  const first = await stack.processes.startDispatcher();
  await drained(stack);
  dispatchers = [first, await stack.processes.startDispatcher()];
}, 120_000);
afterAll(() => stack.close(), 60_000);

async function prepared() {
  const scenario = createScenario(stack);
  await scenario.register(scenario.path('ok'));
  return { scenario, sent: scenario.event() };
}

/** Three ways for a producer to publish an event twice: twice alone, alone and in a batch, in two batches. */
const repeats = <T extends { id: string }>(sent: T): (T | T[])[][] => {
  const other = (n: number) => ({ ...sent, id: `${sent.id}_${String(n)}` });
  return [
    [sent, sent, sent],
    [sent, [other(1), sent], sent, [sent, other(2)]],
    [
      [sent, other(1)],
      [other(2), sent],
      [other(1), sent, sent],
    ],
  ];
};

/** Returns a message to the stream, as a dispatcher does that could not process it. */
async function giveBack(): Promise<void> {
  const consumer = await stack.nats.jetstream().consumers.get('WEBHOOKS', 'dispatcher');
  const message = await consumer.next({ expires: 5_000 });
  message?.nak();
}

/** Expects one delivery and one request for every event id, after all messages were processed. */
async function expectOneEach({ path, rows }: Scenario, ids: string[]): Promise<void> {
  await drained(stack);
  await eventually(async () => (await rows()).every(({ outcome }) => outcome !== null));
  const delivered = (await rows()).map(({ eventId, attempt, outcome }) => [eventId, attempt, outcome]);
  expect(delivered.sort()).toEqual(ids.map((id) => [id, 1, 'delivered']).sort());
  const received = await stack.parts.customer.requests(path('ok'));
  expect(received.map(({ webhookId }) => webhookId).sort()).toEqual([...ids].sort());
}

const idsOf = (messages: ({ id: string } | { id: string }[])[]) => [...new Set(messages.flat().map(({ id }) => id))];

test('a message that was returned to the stream is delivered once', async () => {
  await expectOneEach(givenBack.scenario, [givenBack.sent.id]);
});

describe('an event that its producer publishes repeatedly is delivered once', () => {
  const kinds: [name: string, kind: number][] = [
    ['by itself', 0],
    ['by itself and in batches', 1],
    ['in several batches', 2],
  ];
  test.concurrent.each(kinds)('at the same moment, %s, in one micro-batch', async (_name, kind) => {
    const { scenario, sent } = early[kind]!;
    await expectOneEach(scenario, idsOf(repeats(sent)[kind]!));
  });

  test.concurrent.each(kinds)('at the same moment, %s', async (_name, kind) => {
    const { scenario, sent } = await prepared();
    const messages = Array.from({ length: 5 }, () => repeats(sent)[kind]!).flat();
    await Promise.all(messages.map(scenario.publish));
    await expectOneEach(scenario, idsOf(messages));
  });

  test.concurrent.each(kinds)('one after the other, %s', async (_name, kind) => {
    const { scenario, sent } = await prepared();
    const messages = repeats(sent)[kind]!;
    for (const message of messages) {
      await scenario.publish(message);
      await drained(stack);
    }
    await expectOneEach(scenario, idsOf(messages));
  });
});

test('repetitions are counted', async () => {
  const duplicates = async () => {
    const counts = await Promise.all(dispatchers.map((dispatcher) => countMessages(dispatcher, 'duplicate')));
    return counts.reduce((sum, count) => sum + count);
  };
  const before = await duplicates();
  const { scenario, sent } = await prepared();
  for (let n = 0; n < 3; n++) {
    await scenario.publish(sent);
    await scenario.settled(sent.id);
  }
  await drained(stack);
  expect((await duplicates()) - before).toBe(2);
});

test('the same event id of two accounts is two events', async () => {
  const { scenario, sent } = await prepared();
  const other = await prepared();
  await scenario.publish(sent);
  await other.scenario.publish({ ...sent, accountId: other.scenario.accountId });
  await expectOneEach(scenario, [sent.id]);
  await expectOneEach(other.scenario, [sent.id]);
});
