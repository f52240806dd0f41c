import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { createLane, type Lane, type LaneRequest } from '../../../../outbound/lanes/lane.js';
import type { ReleasePermit } from '../../../../outbound/lanes/permits.js';

beforeEach(() => void jest.useFakeTimers({ now: 0 }));
afterEach(() => void jest.useRealTimers());

type Outcome = { key: string; outcome: ReleasePermit | 'refused' };

/** Acquires, and records the order in which the requests were answered. */
function visitor(lane: Lane) {
  const settled: Outcome[] = [];
  return {
    settled,
    keys: () => settled.map(({ key }) => key),
    come: ({ key = 'a', group = 'message', deadlineMs = 1000, ...rest }: Partial<LaneRequest> = {}) =>
      void lane.acquire({ key, group, deadlineMs, ...rest }).then((outcome) => settled.push({ key, outcome })),
    leave: (index: number) => {
      const outcome = settled[index]?.outcome;
      if (typeof outcome === 'function') outcome();
    },
  };
}
const settle = () => jest.advanceTimersByTimeAsync(0);

describe('a lane', () => {
  test('HTTP-09 lets in as many as it has slots, and the next when one leaves', async () => {
    const lane = createLane({ capacity: 2 });
    const { come, leave, settled } = visitor(lane);
    for (let i = 0; i < 4; i += 1) come();
    await settle();
    expect([settled.length, lane.inUse(), lane.waiting()]).toEqual([2, 2, 2]);
    leave(0);
    await settle();
    expect([settled.length, lane.inUse(), lane.waiting()]).toEqual([3, 2, 1]);
  });

  test('a slot released twice is free once', async () => {
    const lane = createLane({ capacity: 2 });
    const { come, leave } = visitor(lane);
    come();
    come();
    await settle();
    leave(0);
    leave(0);
    expect(lane.inUse()).toBe(1);
  });

  test('serves the waiting endpoints in turn, so a burst of one does not hide the others', async () => {
    const { come, leave, keys } = visitor(createLane({ capacity: 1 }));
    for (const key of ['a', 'a', 'a', 'a', 'b', 'b', 'c']) come({ key });
    for (let i = 0; i < 7; i += 1) {
      await settle();
      leave(i);
    }
    expect(keys()).toEqual(['a', 'a', 'b', 'c', 'a', 'b', 'a']);
  });

  test('lets requests that already run in before requests that have not started, however long these wait', async () => {
    const { come, leave, keys } = visitor(createLane({ capacity: 1 }));
    come({ key: 'a' });
    come({ key: 'b' });
    come({ key: 'c', isRunning: true, deadlineMs: Infinity });
    await jest.advanceTimersByTimeAsync(900);
    leave(0);
    await settle();
    leave(1);
    await settle();
    expect(keys()).toEqual(['a', 'c', 'b']);
  });

  test.each([{ capacity: 0 }, { capacity: 1.5 }, { capacity: NaN }])('refuses %j', (options) =>
    expect(() => createLane(options)).toThrow(TypeError),
  );
});

describe('endpoints without a recent success', () => {
  /** Keys that start with u are unproven, except the ones in this set. */
  function unprovenLane(capacity: number, maxUnprovenPermits: number) {
    const succeeded = new Set<string>();
    const isProven = (key: string) => !key.startsWith('u') || succeeded.has(key);
    const lane = createLane({ capacity, unproven: { isProven, maxUnprovenPermits, maxWaitingMessagesEach: 2 } });
    return { lane, succeeded, ...visitor(lane) };
  }

  test('together leave the last slots to the others', async () => {
    const { lane, come, keys } = unprovenLane(5, 3);
    for (const key of ['u1', 'u2', 'u3', 'u4', 'u5', 'p1']) come({ key });
    await settle();
    expect(keys()).toEqual(['u1', 'u2', 'u3', 'p1']);
    expect(lane.waiting()).toBe(2);
  });

  test('the others may take the whole lane', async () => {
    const { come, keys } = unprovenLane(4, 2);
    for (let i = 0; i < 5; i += 1) come();
    await settle();
    expect(keys()).toHaveLength(4);
  });

  test('have one request at a time, and all of them after the first success', async () => {
    const { lane, come, leave, keys, succeeded } = unprovenLane(6, 4);
    for (let i = 0; i < 4; i += 1) come({ key: 'u1' });
    await settle();
    expect(keys()).toEqual(['u1']);
    succeeded.add('u1');
    leave(0);
    await settle();
    expect([keys().length, lane.waiting()]).toEqual([4, 0]);
  });

  test('let two messages wait, with any number of deliveries, and refuse more at once', async () => {
    const { come, keys, settled } = unprovenLane(6, 4);
    for (const group of ['first', 'second', 'second', 'third', 'fourth', 'second']) come({ key: 'u1', group });
    come({ key: 'u2', group: 'fourth' });
    await settle();
    expect(keys()).toEqual(['u1', 'u1', 'u2']);
    expect(settled.map(({ outcome }) => outcome === 'refused')).toEqual([false, true, false]);
  });
});

describe('waiting for a lane', () => {
  test('ends with the deadline, each at its own, on one timer', async () => {
    const lane = createLane({ capacity: 1 });
    const { come, settled } = visitor(lane);
    for (const deadline of [5000, 300, 100, 200]) come({ deadlineMs: deadline });
    await settle();
    expect(jest.getTimerCount()).toBe(1);
    for (const [time, count] of [
      [99, 1],
      [100, 2],
      [199, 2],
      [200, 3],
      [300, 4],
    ] as const) {
      await jest.advanceTimersByTimeAsync(time - Date.now());
      expect(settled).toHaveLength(count);
    }
    expect(settled.slice(1).map(({ outcome }) => outcome)).toEqual(['refused', 'refused', 'refused']);
    expect([jest.getTimerCount(), lane.waiting(), lane.inUse()]).toEqual([0, 0, 1]);
  });

  test('does not even begin when the deadline has passed', async () => {
    const lane = createLane({ capacity: 1 });
    expect(await lane.acquire({ key: 'a', group: 'm', deadlineMs: 0 })).toBe('refused');
    expect(lane.inUse()).toBe(0);
  });

  test('leaves no timer behind once every request has a permit', async () => {
    const { come, leave } = visitor(createLane({ capacity: 1 }));
    come();
    await settle();
    expect(jest.getTimerCount()).toBe(0);
    come();
    expect(jest.getTimerCount()).toBe(1);
    leave(0);
    await settle();
    expect(jest.getTimerCount()).toBe(0);
  });

  test('a deadline further away than a timer can count does not expire at once', async () => {
    const { come, settled } = visitor(createLane({ capacity: 1 }));
    come();
    come({ deadlineMs: 2 ** 40 });
    await jest.advanceTimersByTimeAsync(10_000);
    expect(settled).toHaveLength(1);
  });

  test('ends when the caller gives up, and the slot goes to the next', async () => {
    const lane = createLane({ capacity: 1 });
    const { come, leave, keys, settled } = visitor(lane);
    const caller = new AbortController();
    come({ key: 'a' });
    come({ key: 'b', signal: caller.signal });
    come({ key: 'c' });
    await settle();
    caller.abort();
    await settle();
    expect(settled[1]).toEqual({ key: 'b', outcome: 'refused' });
    leave(0);
    await settle();
    expect(keys()).toEqual(['a', 'b', 'c']);
    expect(await lane.acquire({ key: 'd', group: 'm', deadlineMs: 1000, signal: caller.signal })).toBe('refused');
  });
});

type Step = { act: 'come'; key: string; group: string; wait: number } | { act: 'leave' | 'pass'; amount: number };
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constant('come' as const),
      key: fc.constantFrom('a', 'b', 'u1', 'u2'),
      group: fc.constantFrom('m1', 'm2', 'm3', 'm4'),
      wait: fc.integer({ min: 0, max: 50 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ act: fc.constantFrom('leave' as const, 'pass' as const), amount: fc.nat(30) }) },
);

describe('in every sequence of requests, a lane', () => {
  test('never grants more permits than it has, and answers every request', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 6 }), fc.array(step, { maxLength: 60 }), async (capacity, steps) => {
        const unproven = {
          isProven: (key: string) => !key.startsWith('u'),
          maxUnprovenPermits: 2,
          maxWaitingMessagesEach: 2,
        };
        const lane = createLane({ capacity, unproven });
        const { come, leave, settled } = visitor(lane);
        let came = 0;
        for (const next of steps) {
          if (next.act === 'come') came += 1;
          if (next.act === 'come') come({ ...next, deadlineMs: Date.now() + next.wait });
          else if (next.act === 'leave') leave(next.amount % (settled.length || 1));
          else await jest.advanceTimersByTimeAsync(next.amount);
          await settle();
          expect(lane.inUse()).toBeLessThanOrEqual(capacity);
          expect(settled.length + lane.waiting()).toBe(came);
        }
        await jest.advanceTimersByTimeAsync(60);
        expect([settled.length, lane.waiting(), jest.getTimerCount()]).toEqual([came, 0, 0]);
        settled.forEach((_, index) => leave(index));
        expect(lane.inUse()).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  test('an endpoint waits for at most one delivery of every other endpoint', async () => {
    const bursts = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(bursts, async (sizes) => {
        const { come, leave, keys } = visitor(createLane({ capacity: 1 }));
        come({ key: 'holder' });
        sizes.forEach((size, burst) => Array.from({ length: size }, () => come({ key: `burst${burst}` })));
        come({ key: 'quiet' });
        for (let i = 0; !keys().includes('quiet'); i += 1) {
          await settle();
          leave(i);
        }
        expect(keys().indexOf('quiet')).toBeLessThanOrEqual(sizes.length + 1);
      }),
      { numRuns: 50 },
    );
  });
});
