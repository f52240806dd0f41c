import { describe, expect, test } from '@jest/globals';
import { dispatcherCpuRatio, measurementOf, mergeMeasurements, serviceCpuMs } from '../../../bench/measurement.js';
import { percentile } from '../../../bench/percentile.js';

const usage = (cpuMs: number) => ({ cpuMs, memoryMiB: 10, handles: 5 });
const observed = {
  title: 'some',
  faults: [],
  arrivals: Array.from({ length: 101 }, (_, n) => 5_000 + n * 10),
  latencies: Array.from({ length: 100 }, (_, n) => n + 1),
  usage: {
    before: { dispatcher: usage(100), postgres: usage(0), nats: usage(0) },
    after: { dispatcher: usage(302), postgres: usage(101), nats: usage(1_010) },
  },
};

describe('measurementOf', () => {
  test('tells the rate of the middle, percentiles, and CPU a delivery by process', () => {
    const measurement = measurementOf(observed);
    expect(measurement).toMatchObject({ deliveries: 101, p50: 50, p99: 99, faults: [] });
    expect(measurement.perSecond).toBeCloseTo(100);
    expect(measurement.cpuMs).toEqual({ dispatcher: 2, postgres: 1, nats: 10 });
    expect(serviceCpuMs(measurement)).toBe(3);
  });

  test('shares the CPU with deliveries that are not counted', () => {
    expect(measurementOf({ ...observed, beside: 101 }).cpuMs['dispatcher']).toBe(1);
  });

  test('tells the event loop delay where it was read', () => {
    expect(measurementOf({ ...observed, loopDelayMs: 7 }).loopDelayMs).toBe(7);
    expect(measurementOf(observed)).not.toHaveProperty('loopDelayMs');
  });

  test('is compared with a yardstick by the CPU of the dispatcher alone', () => {
    const yardstick = measurementOf({ ...observed, beside: 101 });
    expect(dispatcherCpuRatio(measurementOf(observed), yardstick)).toBe(2);
  });

  test('is broken when nothing arrived', () => {
    expect(measurementOf({ ...observed, arrivals: [] }).faults).toEqual(['no result']);
  });
});

test('rounds are one measurement: rates by the time they took, memory by what was most, faults of all', () => {
  const slow = { ...measurementOf(observed), perSecond: 50, faults: ['lost'], memoryMiB: { dispatcher: 30 } };
  const both = mergeMeasurements([measurementOf(observed), slow]);
  expect(both.perSecond).toBeCloseTo(66.7, 1);
  expect(both).toMatchObject({ deliveries: 202, faults: ['lost'], memoryMiB: { dispatcher: 30 } });
});

test('a percentile is one of the values', () => {
  expect(percentile([5, 1, 9], 50)).toBe(5);
  expect(percentile([5, 1, 9], 99)).toBe(9);
  expect(percentile([], 99)).toBeNaN();
});
