import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { abortableDelay, createBreaker } from '../../../bridge/breaker.js';

beforeEach(() => void jest.useFakeTimers({ now: 0 }));
afterEach(() => void jest.useRealTimers());

const never = new AbortController().signal;

/** The wait before a pull that is tried now, in milliseconds. */
async function waitOf(breaker: ReturnType<typeof createBreaker>, signal = never): Promise<number> {
  const startedAt = Date.now();
  let endedAt: number | undefined;
  void breaker.waitUntilReady(signal).then(() => (endedAt = Date.now()));
  await jest.advanceTimersByTimeAsync(60_000);
  return (endedAt ?? NaN) - startedAt;
}

describe('the breaker', () => {
  test('lets everything through while it is closed', async () => {
    const breaker = createBreaker(Date.now);
    expect(breaker.isOpen()).toBe(false);
    expect(await waitOf(breaker)).toBe(0);
  });

  test('pauses longer each time, up to five seconds', async () => {
    const breaker = createBreaker(Date.now);
    const waits = [];
    for (let i = 0; i < 7; i += 1) {
      breaker.open();
      waits.push(await waitOf(breaker));
    }
    expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000, 5_000]);
  });

  test('is opened once by the messages of one micro-batch, which fail together', async () => {
    const breaker = createBreaker(Date.now);
    for (let i = 0; i < 50; i += 1) breaker.open();
    expect(await waitOf(breaker)).toBe(250);
    breaker.open();
    expect(await waitOf(breaker)).toBe(500);
  });

  test('stays open after its pause, until something passes', async () => {
    const breaker = createBreaker(Date.now);
    breaker.open();
    await waitOf(breaker);
    expect(breaker.isOpen()).toBe(true);
    breaker.close();
    expect(breaker.isOpen()).toBe(false);
  });

  test('begins with the shortest pause again after it was closed', async () => {
    const breaker = createBreaker(Date.now);
    for (let i = 0; i < 5; i += 1) {
      breaker.open();
      await waitOf(breaker);
    }
    breaker.close();
    expect(await waitOf(breaker)).toBe(0);
    breaker.open();
    expect(await waitOf(breaker)).toBe(250);
  });

  test('does not hold a caller that is asked to stop', async () => {
    const breaker = createBreaker(Date.now);
    breaker.open();
    expect(await waitOf(breaker, AbortSignal.abort())).toBe(0);
    const stopping = new AbortController();
    breaker.open();
    setTimeout(() => stopping.abort(), 10);
    expect(await waitOf(breaker, stopping.signal)).toBe(10);
  });
});

test('a delay that was aborted leaves neither a timer nor a listener', async () => {
  const stopping = new AbortController();
  const removed = jest.spyOn(stopping.signal, 'removeEventListener');
  const delay = abortableDelay(1_000, stopping.signal);
  stopping.abort();
  await delay;
  expect(jest.getTimerCount()).toBe(0);
  expect(removed).toHaveBeenCalledTimes(1);
});
