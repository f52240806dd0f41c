import { expect, test } from '@jest/globals';
import { clampReplayRate } from '../../../../domain/delivery/replay-rate.js';

test.each([
  [0, 1],
  [-5, 1],
  [Number.NaN, 1],
  [1.9, 1],
  [50, 50],
  [100, 100],
  [101, 100],
  [Number.POSITIVE_INFINITY, 100],
])('a rate of %p becomes %p replays a second', (asked, rate) => {
  expect(clampReplayRate(asked)).toBe(rate);
});
