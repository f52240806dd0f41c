import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { OwnProcess } from '../../local/own-processes.js';
import { eventually } from '../support/eventually.js';
import { createScenario } from '../support/scenario.js';
import { type Stack, startStack } from '../support/stack.js';

/** Long enough for the wait to be there when the process dies. */
const SCHEDULE = { RETRY_SCHEDULE: '0,5s,5s' };
/** JetStream gives back what was not acknowledged after 30 s. */
const WITHIN_MS = 75_000;

let stack: Stack;
let dispatcher: OwnProcess;
beforeAll(async () => {
  stack = await startStack(SCHEDULE);
  dispatcher = await stack.processes.startDispatcher();
}, 120_000);
afterAll(() => stack.close());

/** Webhook id and attempt of each request that the customer saw on a path. */
const requestsOf = async (path: string) =>
  (await stack.parts.customer.requests(path)).map(({ webhookId, attempt }) => ({ webhookId, attempt }));

test('killed before acks, during a request and during a wait, every delivery ends once', async () => {
  const [waiting, posting, burst] = [createScenario(stack), createScenario(stack), createScenario(stack)];
  const flaky = await waiting.register('/hooks/flaky/killed?fail=1');
  const slow = await posting.register('/hooks/slow/killed?ms=3000');
  await burst.register('/hooks/ok/killed');
  const [waits, posts] = [waiting.event(), posting.event()];
  const many = Array.from({ length: 80 }, () => burst.event());

  await waiting.publish(waits);
  await waiting.waiting(waits.id);
  await posting.publish(posts);
  await eventually(async () => (await requestsOf(slow.path)).length > 0);
  const published = many.map((event) => burst.publish(event));
  await Promise.all(published.slice(0, 20));
  await dispatcher.child.kill();
  await Promise.all(published);
  dispatcher = await stack.processes.startDispatcher();

  const [waited, posted] = await Promise.all([
    waiting.settled(waits.id, WITHIN_MS),
    posting.settled(posts.id, WITHIN_MS),
  ]);
  expect(waited.map(({ attempt, status }) => [attempt, status])).toEqual([
    [1, 'failed'],
    [2, 'succeeded'],
  ]);
  expect(await requestsOf(flaky.path)).toEqual([1, 2].map((attempt) => ({ webhookId: waits.id, attempt })));
  expect(posted).toMatchObject([{ attempt: 1, outcome: 'delivered' }]);
  // The one case of a second request: the first one's process died before it could write what came back.
  expect(await requestsOf(slow.path)).toEqual([1, 1].map((attempt) => ({ webhookId: posts.id, attempt })));
  const ended = await Promise.all(many.map(({ id }) => burst.settled(id, WITHIN_MS)));
  expect(ended.map((rows) => rows.map(({ attempt, outcome }) => [attempt, outcome]))).toEqual(
    many.map(() => [[1, 'delivered']]),
  );
}, 150_000);
