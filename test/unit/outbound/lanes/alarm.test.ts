import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createAlarm } from '../../../../outbound/lanes/alarm.js';

beforeEach(() => void jest.useFakeTimers({ now: 0 }));
afterEach(() => void jest.useRealTimers());

function setUp() {
  const rings: number[] = [];
  return { rings, alarm: createAlarm(Date.now, () => rings.push(Date.now())) };
}

describe('an alarm', () => {
  test('rings once, at the earliest of its times', () => {
    const { alarm, rings } = setUp();
    for (const time of [300, 100, 200]) alarm.setNoLaterThan(time);
    jest.advanceTimersByTime(1000);
    expect(rings).toEqual([100]);
  });

  test('rings at once for a time that has passed', () => {
    const { alarm, rings } = setUp();
    alarm.setNoLaterThan(-5);
    jest.advanceTimersByTime(1);
    expect(rings).toHaveLength(1);
  });

  test('can be set again after ringing and after being switched off', () => {
    const { alarm, rings } = setUp();
    alarm.setNoLaterThan(10);
    jest.advanceTimersByTime(10);
    alarm.setNoLaterThan(50);
    alarm.off();
    jest.advanceTimersByTime(100);
    alarm.setNoLaterThan(200);
    jest.advanceTimersByTime(100);
    expect(rings).toEqual([10, 200]);
  });

  test('does not ring early for a time further away than a timer counts', () => {
    const { alarm, rings } = setUp();
    alarm.setNoLaterThan(2 ** 40);
    jest.advanceTimersByTime(100_000);
    expect(rings).toEqual([]);
  });
});
