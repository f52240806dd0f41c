import { describe, expect, test } from '@jest/globals';
import { createEndpointHealth } from '../../../../outbound/lanes/endpoint-health.js';

const MINUTE = 60_000;

function setUp(capacity = 10) {
  const clock = { time: 1_000_000 };
  return { clock, health: createEndpointHealth({ now: () => clock.time, capacity }) };
}

describe('endpoint health', () => {
  test('an endpoint is unproven until it succeeds, and again after ten minutes', () => {
    const { clock, health } = setUp();
    expect(health.isProven('a')).toBe(false);
    health.noteSuccess('a');
    expect([health.isProven('a'), health.isProven('b')]).toEqual([true, false]);
    clock.time += 10 * MINUTE - 1;
    expect(health.isProven('a')).toBe(true);
    clock.time += 1;
    expect(health.isProven('a')).toBe(false);
  });

  test('a failure counts until the next success', () => {
    const { health } = setUp();
    health.noteSuccess('a');
    health.noteFailure('a');
    expect(health.isProven('a')).toBe(false);
    health.noteSuccess('a');
    expect(health.isProven('a')).toBe(true);
  });

  test('remembers a bounded number of endpoints: the last that succeeded', () => {
    const { health } = setUp(2);
    for (const id of ['a', 'b', 'a', 'c']) health.noteSuccess(id);
    expect(['a', 'b', 'c'].map((id) => health.isProven(id))).toEqual([true, false, true]);
  });

  test('asking about an endpoint does not keep it remembered', () => {
    const { health } = setUp(2);
    health.noteSuccess('a');
    health.noteSuccess('b');
    health.isProven('a');
    health.noteSuccess('c');
    expect(health.isProven('a')).toBe(false);
  });
});
