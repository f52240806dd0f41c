import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createFirstAttempts } from '../../../activities/first-attempts.js';
import { createLane } from '../../../outbound/lanes/lane.js';
import { KmsUnavailable } from '../../../keys/key-errors.js';
import { ACCOUNT, answered, batch, createWorld, WEBHOOK } from './attempt-fake.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const schedule = [0, 5_000, 300_000];
/** The workflow whose activity calls `makeAttempts` with `batch()`. */
const workflow = { accountId: ACCOUNT, workflowId: 'wh-1', endpoints: [{ webhookId: WEBHOOK, deliveryIds: ['d1'] }] };
const delivered = [{ deliveryId: 'd1', outcome: { kind: 'delivered', status: 200 } }];

function createFirst(answers: Parameters<typeof createWorld>[0] = {}) {
  const world = createWorld(answers);
  const { now } = world.deps;
  const over: string[] = [];
  const first = createFirstAttempts({
    ...world.deps,
    schedule,
    prefetchCache: { takeContext: () => undefined },
    fastLane: createLane({ capacity: 14, now }),
    slowLane: createLane({ capacity: 6, now }),
    setOutcomes: () => Promise.resolve(),
    firstAttemptOver: (workflowId) => void over.push(workflowId),
    stopping: new AbortController().signal,
  });
  return { world, first, over };
}
const moment = () => jest.advanceTimersByTimeAsync(0);

describe('what was begun with the start', () => {
  test('is sent before the activity asks, and the activity answers with its result', async () => {
    const { world, first, over } = createFirst();
    first.announce(workflow).startAttempts();
    await moment();
    expect([world.posts.length, over]).toEqual([1, ['wh-1']]);
    expect(await first.makeAttempts(batch())).toEqual(delivered);
    expect(world.posts).toHaveLength(1);
  });

  test('is waited for where it is not over yet', async () => {
    let answer: () => void = () => undefined;
    const { first } = createFirst({
      post: () => new Promise((resolve) => (answer = () => resolve(answered(200)))),
    });
    first.announce(workflow).startAttempts();
    const made = first.makeAttempts(batch());
    await moment();
    answer();
    expect(await made).toEqual(delivered);
  });

  test('reports lost infrastructure to the activity, and nowhere else', async () => {
    const { first } = createFirst({
      openKey: () => {
        throw new KmsUnavailable('timeout');
      },
    });
    first.announce(workflow).startAttempts();
    await moment();
    await expect(first.makeAttempts(batch())).rejects.toBeInstanceOf(KmsUnavailable);
  });

  test('is handed out once: an activity that runs again looks at the rows', async () => {
    const { world, first } = createFirst();
    first.announce(workflow).startAttempts();
    await first.makeAttempts(batch());
    await first.makeAttempts(batch());
    expect(world.loads).toEqual([['d1'], ['d1']]);
  });

  test('is forgotten when its workflow never asks', async () => {
    const { world, first } = createFirst();
    first.announce(workflow).startAttempts();
    await moment();
    world.clock.nowMs += 60_000;
    first.announce({ ...workflow, workflowId: 'wh-2' });
    await first.makeAttempts(batch());
    expect(world.loads).toHaveLength(2);
  });
});

describe('an activity makes its attempts itself', () => {
  test('where nothing was announced', async () => {
    const { first } = createFirst();
    expect(await first.makeAttempts(batch())).toEqual(delivered);
  });

  test('where it comes before the start is answered, and nothing is begun then', async () => {
    const { world, first } = createFirst();
    const announced = first.announce(workflow);
    expect(await first.makeAttempts(batch())).toEqual(delivered);
    announced.startAttempts();
    await moment();
    expect(world.posts).toHaveLength(1);
  });

  test('where the start was withdrawn, which does not undo what was begun', async () => {
    const { world, first } = createFirst();
    const announced = first.announce(workflow);
    announced.withdraw();
    announced.startAttempts();
    await moment();
    expect(world.posts).toHaveLength(0);
    const started = first.announce(workflow);
    started.startAttempts();
    started.withdraw();
    expect(await first.makeAttempts(batch())).toEqual(delivered);
    expect(world.posts).toHaveLength(1);
  });

  test('where another message had announced the same workflow and lost it', async () => {
    const { world, first } = createFirst();
    const loser = first.announce(workflow);
    const winner = first.announce(workflow);
    loser.withdraw();
    winner.startAttempts();
    await moment();
    expect(world.posts).toHaveLength(0);
    expect(await first.makeAttempts(batch())).toEqual(delivered);
  });
});

test('what was begun is found also where another message announces the same workflow afterwards', async () => {
  const { world, first } = createFirst();
  first.announce(workflow).startAttempts();
  const late = first.announce(workflow);
  await first.makeAttempts(batch());
  late.withdraw();
  await moment();
  expect(world.posts).toHaveLength(1);
});
