import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deliveryTimeMs, firstDeliveryIdAt } from '../../../../domain/delivery/delivery-id.js';

const MAX = 2 ** 48 - 1;
const times = fc.integer({ min: 0, max: MAX });

describe('the first delivery id of a millisecond', () => {
  test.each([
    [0, '00000000-0000-0000-0000-000000000000'],
    [1, '00000000-0001-0000-0000-000000000000'],
    [1_795_392_000_000, '01a205b3-d000-0000-0000-000000000000'],
    [MAX, 'ffffffff-ffff-0000-0000-000000000000'],
  ])('of %i', (timeMs, id) => {
    expect(firstDeliveryIdAt(timeMs)).toBe(id);
  });

  test.each([-1, 0.5, MAX + 1, NaN, Infinity])('is refused for %p', (timeMs) => {
    expect(() => firstDeliveryIdAt(timeMs)).toThrow(RangeError);
  });

  test('tells its time again', () => {
    fc.assert(fc.property(times, (timeMs) => deliveryTimeMs(firstDeliveryIdAt(timeMs)) === timeMs));
  });

  test('sorts as time does', () => {
    fc.assert(
      fc.property(times, times, (a, b) => Math.sign(a - b) === compare(firstDeliveryIdAt(a), firstDeliveryIdAt(b))),
    );
  });
});

test('the time of an id is that of its first 48 bits (RFC 9562 §5.7)', () => {
  // The example of RFC 9562 appendix A.6.
  expect(deliveryTimeMs('017f22e2-79b0-7cc3-98c4-dc0c0c07398f')).toBe(1_645_557_742_000);
});

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
