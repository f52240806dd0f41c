import { expect, test } from '@jest/globals';
import { idleTimeMs } from '../../../outbound/idle-time.js';

test.each<[string | undefined, number]>([
  [undefined, 3_000],
  ['', 3_000],
  ['max=100', 3_000],
  ['timeout=', 3_000],
  ['timeout=-5', 3_000],
  ['timeout=soon', 3_000],
  ['idletimeout=9', 3_000],
  ['timeout=0', 0],
  ['timeout=1', 0],
  ['timeout=2', 1_000],
  ['timeout=5, max=100', 4_000],
  ['max=100, Timeout=5', 4_000],
  ['timeout="5"', 4_000],
  ['timeout=16', 15_000],
  ['timeout=75', 15_000],
  ['timeout=999999999', 15_000],
])('after Keep-Alive %j a connection may be idle for %d ms', (header, expected) => {
  expect(idleTimeMs(header)).toBe(expected);
});
