import { describe, expect, test } from '@jest/globals';
import { attemptDeliveries } from '../../../activities/attempt-deliveries.js';
import { KmsUnavailable } from '../../../keys/key-errors.js';
import { createLane } from '../../../outbound/lanes/lane.js';
import { answered, batch, createWorld, endpoint, settings, context, request } from './attempt-fake.js';

const DELIVERED = { kind: 'delivered', status: 200 };
const three = batch({ deliveries: ['d1', 'd2', 'd3'].map((deliveryId) => request({ deliveryId })) });

describe('the attempts of a batch', () => {
  test('are all made, and answered in the order in which they were asked', async () => {
    const world = createWorld();
    const results = await attemptDeliveries(world.deps, settings(world), three);
    expect(results).toEqual(['d1', 'd2', 'd3'].map((deliveryId) => ({ deliveryId, outcome: DELIVERED })));
  });

  test('take what was handed over, and read the rest at once', async () => {
    const world = createWorld();
    const prefetchCache = {
      takeContext: (deliveryId: string) => (deliveryId === 'd2' ? context({ deliveryId }) : undefined),
    };
    await attemptDeliveries(world.deps, settings(world, { prefetchCache }), three);
    expect(world.loads).toEqual([['d1', 'd3']]);
  });

  test('read nothing where all was handed over', async () => {
    const world = createWorld();
    const prefetchCache = { takeContext: (deliveryId: string) => context({ deliveryId }) };
    await attemptDeliveries(world.deps, settings(world, { prefetchCache }), three);
    expect(world.loads).toEqual([]);
  });

  test('are made by as many at once as the lane has room for', async () => {
    const inUse: number[] = [];
    const world = createWorld({
      post: async () => {
        inUse.push(lane.inUse());
        await new Promise((resolve) => setTimeout(resolve, 5));
        return answered(200);
      },
    });
    const lane = createLane({ capacity: 2, now: world.deps.now });
    await attemptDeliveries(world.deps, settings(world, { lanes: { lane } }), three);
    expect(inUse).toHaveLength(3);
    expect(Math.max(...inUse)).toBe(2);
  });

  test('that found no slot within the budget come back, and the started ones are finished', async () => {
    const world = createWorld({
      post: async () => {
        await new Promise((resolve) => setTimeout(resolve, 60));
        return answered(200);
      },
    });
    const lane = createLane({ capacity: 1 });
    const deps = { ...world.deps, now: Date.now };
    const results = await attemptDeliveries(deps, settings(world, { lanes: { lane }, budgetMs: 30 }), three);
    const kinds = results.map(({ outcome }) => outcome.kind).sort();
    expect(kinds).toEqual(['deferred', 'deferred', 'delivered']);
    expect(world.posts).toHaveLength(1);
  });
});

test('each attempt is reported as it ends, with any result', async () => {
  const over: string[] = [];
  const world = createWorld({
    post: () => {
      overBefore.push(over.length);
      return answered(200);
    },
    load: (requests) =>
      requests.map(({ deliveryId }) =>
        context({ deliveryId, ...(deliveryId === 'd2' ? { endpoint: undefined } : {}) }),
      ),
  });
  const overBefore: number[] = [];
  const lane = createLane({ capacity: 1, now: world.deps.now });
  const onAttemptOver = (workflowId: string) => void over.push(workflowId);
  await attemptDeliveries(world.deps, settings(world, { lanes: { lane }, onAttemptOver }), three);
  expect(over).toEqual(['wh-1', 'wh-1', 'wh-1']);
  // The delivery without an endpoint needs no permit.
  expect(overBefore).toEqual([1, 2]);
});

describe('when infrastructure is lost', () => {
  const brokenFor = (...envelopes: string[]) =>
    createWorld({
      openKey: (envelope) => {
        if (envelopes.includes(envelope.toString())) throw new KmsUnavailable('timeout');
      },
      load: (requests) =>
        requests.map(({ deliveryId }) =>
          context({ deliveryId, endpoint: endpoint({ secretEnc: Buffer.from(deliveryId) }) }),
        ),
    });

  test('for all, it is thrown', async () => {
    const world = brokenFor('d1', 'd2', 'd3');
    await expect(attemptDeliveries(world.deps, settings(world), three)).rejects.toMatchObject({
      name: 'KmsUnavailable',
    });
    expect(world.posts).toEqual([]);
  });

  test('for some, these come back and what was done is told', async () => {
    const world = brokenFor('d2');
    expect(await attemptDeliveries(world.deps, settings(world), three)).toEqual([
      { deliveryId: 'd1', outcome: DELIVERED },
      { deliveryId: 'd2', outcome: { kind: 'deferred', reason: 'infrastructure' } },
      { deliveryId: 'd3', outcome: DELIVERED },
    ]);
    expect(world.lane.inUse()).toBe(0);
  });

  test('before anything could be read, nothing is made', async () => {
    const world = createWorld({
      load: () => {
        throw new TypeError('a bug');
      },
    });
    await expect(attemptDeliveries(world.deps, settings(world), three)).rejects.toThrow('a bug');
    expect(world.posts).toEqual([]);
  });
});
