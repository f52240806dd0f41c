import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  decideAck,
  type AckDecision,
  MAX_REFUSALS,
  redeliveryDelayMs,
  type MessageVerdict,
} from '../../../bridge/ack-decision.js';

const ack: AckDecision = { action: 'ack' };
const later: AckDecision = { action: 'later', pause: false };
const pause: AckDecision = { action: 'later', pause: true };
const invalid: AckDecision = { action: 'reject', reason: 'invalid_message' };
const refused: AckDecision = { action: 'reject', reason: 'start_refused' };

describe('what happens to a message', () => {
  test.each<[MessageVerdict, AckDecision, AckDecision]>([
    [{ stage: 'done' }, ack, ack],
    [{ stage: 'decode' }, invalid, invalid],
    [{ stage: 'record', cause: 'refused_value' }, invalid, invalid],
    [{ stage: 'record', cause: 'unavailable' }, pause, pause],
    [{ stage: 'record', cause: 'misconfigured' }, pause, pause],
    [{ stage: 'record', cause: 'contention' }, later, later],
    [{ stage: 'record', cause: 'constraint' }, later, refused],
    [{ stage: 'record', cause: 'bug' }, later, refused],
    [{ stage: 'start', cause: 'unavailable' }, pause, pause],
    [{ stage: 'start', cause: 'refused' }, later, refused],
  ])('%j: at first %j, in the end %j', (verdict, first, last) => {
    expect(decideAck(verdict, 1)).toEqual(first);
    expect(decideAck(verdict, MAX_REFUSALS - 1)).toEqual(first);
    expect(decideAck(verdict, MAX_REFUSALS)).toEqual(last);
    expect(decideAck(verdict, 100_000)).toEqual(last);
  });
});

describe('the time until a message comes back', () => {
  test.each([
    [1, 500],
    [2, 1_000],
    [3, 2_000],
    [6, 16_000],
    [7, 30_000],
    [8, 30_000],
    [100_000, 30_000],
  ])('after %i deliveries is %i ms, give or take a quarter', (deliveryCount, baseMs) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 40 }), (sequence) => {
        const delay = redeliveryDelayMs(deliveryCount, sequence);
        expect(delay).toBeGreaterThanOrEqual(0.75 * baseMs);
        expect(delay).toBeLessThanOrEqual(1.25 * baseMs);
      }),
    );
  });

  test('differs between neighbors, so that they do not return together', () => {
    const delays = Array.from({ length: 20 }, (_, sequence) => redeliveryDelayMs(7, sequence));
    expect(new Set(delays).size).toBe(20);
  });
});
