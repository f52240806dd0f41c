import { describe, expect, test } from '@jest/globals';
import { exceedsDoubleRange } from '../../../bridge/number-range.js';

describe('a number beyond double precision is found', () => {
  test.each(['1e309', '[0,1E+400000]', '{"a":[{"b":-1.5e131000}]}', '1e-309', '{"e":"e1","n":1e999999}'])(
    '%s',
    (json) => {
      expect(exceedsDoubleRange(json)).toBe(true);
    },
  );
});

describe('nothing is found in', () => {
  test.each([
    '1e308',
    '1.7976931348623157e+308',
    '1e-308',
    '{"id":"6f1de500-0000-4000-8000-1e9990000000"}',
    String.raw`{"quoted":"\"1e999","backslash":"\\","n":1}`,
    '[true,false,null]',
  ])('%s', (json) => {
    expect(exceedsDoubleRange(json)).toBe(false);
  });
});

test('a megabyte of escapes and of near misses is read within a moment', () => {
  const escapes = JSON.stringify('\\"e999'.repeat(100_000));
  const near = `[${'1e1,'.repeat(250_000)}1e308]`;
  const before = performance.now();
  expect([escapes, near].map(exceedsDoubleRange)).toEqual([false, false]);
  expect(performance.now() - before).toBeLessThan(10_000);
});
