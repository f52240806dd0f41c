import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createDelayLine } from '../../../bench/network/delay-line.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const lineOf = (firstMs: number) => createDelayLine({ delayMs: 25, firstMs, now: () => performance.now() });

test('a delay line keeps each piece for the delay, and the order', () => {
  const later = lineOf(0);
  const done: string[] = [];
  later(() => done.push('first'));
  jest.advanceTimersByTime(10);
  later(() => done.push('second'));
  later(() => done.push('third'));
  jest.advanceTimersByTime(14);
  expect(done).toEqual([]);
  jest.advanceTimersByTime(2);
  expect(done).toEqual(['first']);
  jest.advanceTimersByTime(10);
  expect(done).toEqual(['first', 'second', 'third']);
});

test('what comes before the line is up waits for that as well', () => {
  const later = lineOf(50);
  const done: string[] = [];
  later(() => done.push('at once'));
  jest.advanceTimersByTime(60);
  later(() => done.push('when it was up'));
  expect(done).toEqual([]);
  jest.advanceTimersByTime(16);
  expect(done).toEqual(['at once']);
  jest.advanceTimersByTime(10);
  expect(done).toEqual(['at once', 'when it was up']);
});
