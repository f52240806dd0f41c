import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { acquirePermit } from '../../../activities/acquire-permit.js';
import { createLane } from '../../../outbound/lanes/lane.js';
import type { ReleasePermit } from '../../../outbound/lanes/permits.js';

beforeEach(() => void jest.useFakeTimers({ now: 0 }));
afterEach(() => void jest.useRealTimers());

const request = { key: 'a', group: 'm', deadlineMs: 100 };
const other = { key: 'b', group: 'n', deadlineMs: Infinity };
async function permitOf(acquired: Promise<ReleasePermit | 'refused'>): Promise<ReleasePermit> {
  const release = await acquired;
  if (release === 'refused') throw new Error('a slot was free');
  return release;
}
async function hold() {
  const [lane, overflow] = [createLane({ capacity: 1 }), createLane({ capacity: 1 })];
  const release = await permitOf(acquirePermit({ lane, overflow }, request, 1_000));
  return { lane, overflow, release, inUse: () => [lane.inUse(), overflow.inUse()] };
}

test('a request that takes long moves to the other lane, and leaves it when it is over', async () => {
  const { release, inUse } = await hold();
  await jest.advanceTimersByTimeAsync(999);
  expect(inUse()).toEqual([1, 0]);
  await jest.advanceTimersByTimeAsync(1);
  expect(inUse()).toEqual([0, 1]);
  release();
  expect(inUse()).toEqual([0, 0]);
});

test('a request waits for a slot of the other lane, and gets it before requests that have not started', async () => {
  const { overflow, release, inUse } = await hold();
  const before = await permitOf(overflow.acquire(other));
  const later = overflow.acquire(other);
  await jest.advanceTimersByTimeAsync(2_000);
  expect(inUse()).toEqual([1, 1]);
  before();
  await jest.advanceTimersByTimeAsync(0);
  expect([inUse(), overflow.waiting()]).toEqual([[0, 1], 1]);
  release();
  await permitOf(later);
  expect([inUse(), overflow.waiting()]).toEqual([[0, 1], 0]);
});

test('a request that is over before its turn waits no more', async () => {
  const { overflow, release, inUse } = await hold();
  const before = await permitOf(overflow.acquire(other));
  await jest.advanceTimersByTimeAsync(2_000);
  release();
  before();
  await jest.advanceTimersByTimeAsync(0);
  expect([inUse(), overflow.waiting()]).toEqual([[0, 0], 0]);
});

test('a request that is over in the moment of its turn gives both slots back', async () => {
  const { overflow, release, inUse } = await hold();
  const before = await permitOf(overflow.acquire(other));
  await jest.advanceTimersByTimeAsync(2_000);
  before();
  release();
  await jest.advanceTimersByTimeAsync(0);
  expect(inUse()).toEqual([0, 0]);
});

test('a request that is over in time moves nowhere and leaves no timer', async () => {
  const { release, inUse } = await hold();
  release();
  expect([inUse(), jest.getTimerCount()]).toEqual([[0, 0], 0]);
});

test('who finds no slot gets none', async () => {
  const { lane } = await hold();
  const refused = acquirePermit({ lane }, request, 1_000);
  await jest.advanceTimersByTimeAsync(100);
  expect(await refused).toBe('refused');
});
