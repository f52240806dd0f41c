import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { holdSlot } from '../../../activities/hold-slot.js';
import { createLane } from '../../../outbound/lanes.js';

beforeEach(() => void jest.useFakeTimers({ now: 0 }));
afterEach(() => void jest.useRealTimers());

const request = { key: 'a', group: 'm', deadline: 100 };
async function hold(overflowSlots: number) {
  const [lane, overflow] = [createLane({ capacity: 1 }), createLane({ capacity: 1 })];
  if (overflowSlots === 0) overflow.tryAcquire();
  const release = await holdSlot({ lane, overflow }, request, 1_000);
  if (release === 'refused') throw new Error('a slot was free');
  return { lane, release, inUse: () => [lane.inUse(), overflow.inUse()] };
}

test('a request that takes long moves to the other lane, and leaves it when it is over', async () => {
  const { release, inUse } = await hold(1);
  await jest.advanceTimersByTimeAsync(999);
  expect(inUse()).toEqual([1, 0]);
  await jest.advanceTimersByTimeAsync(1);
  expect(inUse()).toEqual([0, 1]);
  release();
  expect(inUse()).toEqual([0, 0]);
});

test('a request stays where it is while the other lane is full', async () => {
  const { release, inUse } = await hold(0);
  await jest.advanceTimersByTimeAsync(2_000);
  expect(inUse()).toEqual([1, 1]);
  release();
  expect(inUse()).toEqual([0, 1]);
});

test('a request that is over in time moves nowhere and leaves no timer', async () => {
  const { release, inUse } = await hold(1);
  release();
  expect([inUse(), jest.getTimerCount()]).toEqual([[0, 0], 0]);
});

test('who finds no slot gets none', async () => {
  const { lane } = await hold(1);
  const refused = holdSlot({ lane }, request, 1_000);
  await jest.advanceTimersByTimeAsync(100);
  expect(await refused).toBe('refused');
});
