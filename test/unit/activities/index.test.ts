import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { asyncLocalStorage, type Context } from '@temporalio/activity';
import { createFirstAttempts } from '../../../activities/first-attempts.js';
import { type ActivityDeps, createActivities, createRetryActivities } from '../../../activities/index.js';
import type { SetOutcomesRequest } from '../../../db/delivery-path/set-outcomes.js';
import { KmsUnavailable } from '../../../keys/key-errors.js';
import { createLane } from '../../../outbound/lanes/lane.js';
import { ACCOUNT, answered, batch, createWorld, endpoint, context, request } from './attempt-fake.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** Runs an activity as a worker does: with the id of its workflow and with heartbeats. */
function inWorkflow<T>(work: () => Promise<T>) {
  let beats = 0;
  const context = { info: { workflowExecution: { workflowId: 'wh-1' } }, heartbeat: () => (beats += 1) };
  return { result: asyncLocalStorage.run(context as unknown as Context, work), beats: () => beats };
}

function createDeps(answers: Parameters<typeof createWorld>[0] = {}) {
  const world = createWorld(answers);
  const over: string[] = [];
  const settlements: SetOutcomesRequest[] = [];
  const now = world.deps.now;
  const deps: Omit<ActivityDeps, 'firstAttempts'> = {
    ...world.deps,
    schedule: [0, 5_000, 300_000],
    prefetchCache: { takeContext: () => undefined },
    fastLane: createLane({ capacity: 1, now }),
    slowLane: createLane({ capacity: 1, now }),
    persistAttempts: () => Promise.resolve(),
    setOutcomes: (settlement) => Promise.resolve(void settlements.push(settlement)),
    readDeliveryRecords: () => Promise.resolve([]),
    publishDeliveryDeadLetter: () => Promise.resolve(),
    firstAttemptOver: (workflowId) => void over.push(`one of ${workflowId}`),
    firstAttemptsOver: (workflowId) => void over.push(workflowId),
    stopping: new AbortController().signal,
    report: () => undefined,
  };
  return { world, deps: { ...deps, firstAttempts: createFirstAttempts(deps) }, over, settlements };
}

describe('attemptFirst', () => {
  test('attempts in the fast lane and tells when that is over', async () => {
    const { deps, over } = createDeps({ post: () => (expect(deps.fastLane.inUse()).toBe(1), answered(200)) });
    const results = await inWorkflow(() => createActivities(deps).attemptFirst(batch())).result;
    expect(results).toEqual([{ deliveryId: 'd1', outcome: { kind: 'delivered', status: 200 } }]);
    expect(over).toEqual(['one of wh-1', 'wh-1']);
  });

  test('tells so also when infrastructure is lost, and throws a constant text', async () => {
    const { deps, over } = createDeps({
      openKey: () => {
        throw new KmsUnavailable('timeout');
      },
    });
    const { result } = inWorkflow(() => createActivities(deps).attemptFirst(batch()));
    await expect(result).rejects.toMatchObject({ type: 'KmsUnavailable' });
    expect(over).toEqual(['one of wh-1', 'wh-1']);
  });

  test('hands a slow endpoint on, and settles a disabled one as skipped', async () => {
    const { deps, settlements } = createDeps({
      load: () => [
        context({ deliveryId: 'd1', endpoint: endpoint({ slow: true }) }),
        context({ deliveryId: 'd2', endpoint: endpoint({ status: 'disabled' }) }),
      ],
    });
    const deliveries = ['d1', 'd2'].map((deliveryId) => request({ deliveryId }));
    const results = await inWorkflow(() => createActivities(deps).attemptFirst(batch({ deliveries }))).result;
    expect(results.map(({ outcome }) => outcome.kind)).toEqual(['deferred', 'skipped']);
    expect(settlements).toEqual([
      { accountId: ACCOUNT, cycle: 0, deliveryIds: ['d2'], outcome: 'skipped_disabled', reason: 'endpoint_disabled' },
    ]);
  });
});

describe('attemptAgain', () => {
  test('attempts in the slow lane, slow endpoints too', async () => {
    const { deps } = createDeps({
      load: () => [context({ endpoint: endpoint({ slow: true }) })],
      post: () => (expect(deps.slowLane.inUse()).toBe(1), answered(200)),
    });
    const results = await inWorkflow(() => createRetryActivities(deps).attemptAgain(batch())).result;
    expect(results).toMatchObject([{ outcome: { kind: 'delivered' } }]);
  });

  test('shows that it lives as long as it works, and no longer', async () => {
    const { deps } = createDeps({
      post: () => new Promise((resolve) => setTimeout(() => resolve(answered(200)), 9_000)),
    });
    const { result, beats } = inWorkflow(async () => {
      const attempting = createRetryActivities(deps).attemptAgain(batch());
      await jest.advanceTimersByTimeAsync(9_000);
      return await attempting;
    });
    await result;
    expect(beats()).toBe(2);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(beats()).toBe(2);
  });
});

test('cancelDeliveries ends what waits, with its reason', async () => {
  const { deps, settlements } = createDeps();
  await createActivities(deps).cancelDeliveries({
    accountId: ACCOUNT,
    cycle: 2,
    deliveryIds: ['d1'],
    reason: 'workflow_canceled',
  });
  expect(settlements).toEqual([
    { accountId: ACCOUNT, cycle: 2, deliveryIds: ['d1'], outcome: 'canceled', reason: 'workflow_canceled' },
  ]);
});
