import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DEFAULT_RETRY_SCHEDULE, JITTER, nextDelayMs } from '../../../../domain/delivery/retry-schedule.js';

const HOUR = 3_600_000;
const schedule = DEFAULT_RETRY_SCHEDULE;
const keys = fc.string({ minLength: 1, maxLength: 40 });

describe('the schedule of the service', () => {
  test('makes ten attempts over 75 h 35 min 5 s', () => {
    expect(schedule).toEqual([
      0,
      5_000,
      300_000,
      1_800_000,
      2 * HOUR,
      5 * HOUR,
      10 * HOUR,
      14 * HOUR,
      20 * HOUR,
      24 * HOUR,
    ]);
    expect(schedule.reduce((sum, delay) => sum + delay)).toBe(75 * HOUR + 35 * 60_000 + 5_000);
  });

  test.each(schedule.slice(1).map((delay, index) => [index + 1, delay] as const))(
    'waits after attempt %i for %i ms, give or take a fifth',
    (attemptsMade, scheduled) => {
      fc.assert(
        fc.property(keys, (jitterKey) => {
          const delay = nextDelayMs({ schedule, attemptsMade, jitterKey }) ?? NaN;
          expect(delay).toBeGreaterThanOrEqual(Math.floor(scheduled * (1 - JITTER)));
          expect(delay).toBeLessThanOrEqual(Math.ceil(scheduled * (1 + JITTER)));
        }),
      );
    },
  );

  test('is exhausted after the tenth attempt, with any Retry-After', () => {
    expect(nextDelayMs({ schedule, attemptsMade: 10, jitterKey: 'k' })).toBeUndefined();
    expect(nextDelayMs({ schedule, attemptsMade: 10, jitterKey: 'k', retryAfterMs: 1_000 })).toBeUndefined();
    expect(nextDelayMs({ schedule: [0], attemptsMade: 1, jitterKey: 'k' })).toBeUndefined();
  });
});

describe('jitter', () => {
  test('is the same whenever it is computed again, as a replayed workflow does', () => {
    const ask = (jitterKey: string) => nextDelayMs({ schedule, attemptsMade: 4, jitterKey });
    // Fixed values: another value would change the timers of every running workflow.
    expect(ask('019ab000-0000-7000-8000-000000000001')).toBe(6_908_658);
    fc.assert(fc.property(keys, (key) => ask(key) === ask(key)));
  });

  test('spreads deliveries over the whole range', () => {
    const delays = Array.from({ length: 1_000 }, (_, n) =>
      Number(nextDelayMs({ schedule: [0, 1_000], attemptsMade: 1, jitterKey: `delivery-${String(n)}` })),
    );
    expect(Math.min(...delays)).toBeLessThan(820);
    expect(Math.max(...delays)).toBeGreaterThan(1_180);
    const mean = delays.reduce((sum, delay) => sum + delay) / delays.length;
    expect(Math.abs(mean - 1_000)).toBeLessThan(20);
  });

  test('differs between the attempts of a delivery', () => {
    const flat = [0, HOUR, HOUR, HOUR];
    const delays = [1, 2, 3].map((attemptsMade) => nextDelayMs({ schedule: flat, attemptsMade, jitterKey: 'k' }));
    expect(new Set(delays).size).toBe(3);
  });
});

test('what the receiver asks for is a floor and never a shortcut', () => {
  fc.assert(
    fc.property(
      keys,
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1_000, max: 24 * HOUR }),
      (key, made, asked) => {
        const question = { schedule, attemptsMade: made, jitterKey: key };
        const scheduled = nextDelayMs(question) ?? NaN;
        expect(nextDelayMs({ ...question, retryAfterMs: asked })).toBe(Math.max(scheduled, asked));
      },
    ),
  );
});
