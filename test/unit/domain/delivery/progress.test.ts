import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AttemptOutcome } from '../../../../domain/delivery/outcome.js';
import {
  applyOutcome,
  computeRetryDelayMs,
  type Progress,
  endDelivery,
  createProgress,
  toAttemptRequest,
} from '../../../../domain/delivery/progress.js';

const schedule = [0, 1_000, 2_000];
const nowMs = 1_000_000;
const at = { schedule, attemptsBefore: 0, nowMs };
const begin = (attempt = 1): Progress => createProgress({ deliveryId: 'd', webhookId: 'w', jitterKey: 'd' }, attempt);

const retry = fc.record({
  kind: fc.constant('retry' as const),
  code: fc.constantFrom('timeout' as const, 'http_error' as const),
  retryAfterMs: fc.integer({ min: 1_000, max: 86_400_000 }),
});
const deferred = fc.record({
  kind: fc.constant('deferred' as const),
  reason: fc.constantFrom('slow' as const, 'capacity' as const, 'infrastructure' as const),
});
const ending = fc.constantFrom<AttemptOutcome>(
  { kind: 'delivered', status: 200 },
  { kind: 'skipped', reason: 'endpoint_disabled' },
  { kind: 'giveUp', reason: 'endpoint_gone', code: 'gone', status: 410 },
  { kind: 'giveUp', reason: 'secret_undecryptable', code: 'secret_undecryptable' },
  { kind: 'giveUp', reason: 'endpoint_deleted' },
);

describe('a delivery', () => {
  test('is due at once when it begins', () => {
    expect(begin()).toMatchObject({ attempt: 1, dueAtMs: 0, phase: 'waiting' });
  });

  test.each<[AttemptOutcome, object]>([
    [
      { kind: 'delivered', status: 204 },
      { phase: 'ended', end: { outcome: 'delivered' }, lastResponseStatus: 204 },
    ],
    [
      { kind: 'skipped', reason: 'endpoint_disabled' },
      { phase: 'ended', end: { outcome: 'skipped_disabled' } },
    ],
    [
      { kind: 'giveUp', reason: 'endpoint_gone', code: 'gone', status: 410 },
      {
        phase: 'giving_up',
        end: { outcome: 'dead_lettered', reason: 'endpoint_gone' },
        lastErrorCode: 'gone',
        lastResponseStatus: 410,
      },
    ],
    [
      { kind: 'giveUp', reason: 'secret_undecryptable', code: 'secret_undecryptable' },
      { phase: 'giving_up', end: { outcome: 'dead_lettered', reason: 'secret_undecryptable' } },
    ],
    [
      { kind: 'giveUp', reason: 'endpoint_deleted' },
      { phase: 'giving_up', end: { outcome: 'canceled', reason: 'endpoint_deleted' } },
    ],
    [
      { kind: 'deferred', reason: 'slow' },
      { phase: 'waiting', attempt: 1, dueAtMs: 0 },
    ],
  ])('%j', (outcome, expected) => {
    const progress = begin();
    applyOutcome(progress, outcome, at);
    expect(progress).toMatchObject(expected);
  });

  test('waits after a failure for as long as its row says', () => {
    const progress = begin();
    const delay = computeRetryDelayMs(progress, at) ?? NaN;
    applyOutcome(progress, { kind: 'retry', code: 'http_error', status: 500 }, at);
    expect(progress).toMatchObject({
      attempt: 2,
      dueAtMs: nowMs + delay,
      lastErrorCode: 'http_error',
      lastResponseStatus: 500,
    });
  });

  test('forgets the status of an earlier answer when there is none', () => {
    const progress = begin();
    applyOutcome(progress, { kind: 'retry', code: 'http_error', status: 500 }, at);
    applyOutcome(progress, { kind: 'retry', code: 'timeout' }, at);
    expect(progress.lastErrorCode).toBe('timeout');
    expect(progress).not.toHaveProperty('lastResponseStatus');
  });

  test('gives up when the schedule is exhausted', () => {
    const progress = begin(3);
    applyOutcome(progress, { kind: 'retry', code: 'timeout' }, at);
    expect(progress).toMatchObject({
      phase: 'giving_up',
      end: { outcome: 'dead_lettered', reason: 'retries_exhausted' },
    });
  });

  test('has its whole schedule again in a replay', () => {
    const progress = begin(4);
    applyOutcome(progress, { kind: 'retry', code: 'timeout' }, { ...at, attemptsBefore: 3 });
    expect(progress).toMatchObject({ phase: 'waiting', attempt: 5 });
  });

  test('that was deferred until later is due then, and keeps the time that is reserved for it until it is attempted', () => {
    const progress = begin();
    applyOutcome(progress, { kind: 'deferred', reason: 'rate', retryAfterMs: 3_000, sendAtMs: nowMs + 3_400 }, at);
    expect(progress).toMatchObject({ phase: 'waiting', attempt: 1, dueAtMs: nowMs + 3_000, sendAtMs: nowMs + 3_400 });
    expect(toAttemptRequest(progress)).toMatchObject({ sendAtMs: nowMs + 3_400 });
    applyOutcome(progress, { kind: 'deferred', reason: 'infrastructure' }, at);
    expect(progress).toMatchObject({ attempt: 1, dueAtMs: nowMs + 3_000 });
    expect('sendAtMs' in progress).toBe(false);
  });

  test('ends when it is ended', () => {
    const progress = begin();
    endDelivery(progress, { outcome: 'canceled', reason: 'requested' });
    expect(progress).toMatchObject({ phase: 'ended', end: { outcome: 'canceled' } });
  });
});

describe('after any outcomes', () => {
  const run = (outcomes: readonly AttemptOutcome[], timetable: { schedule: number[]; attemptsBefore: number }) => {
    const progress = begin(timetable.attemptsBefore + 1);
    let consumed = 0;
    for (const outcome of outcomes) {
      if (progress.phase !== 'waiting') break;
      applyOutcome(progress, outcome, { ...timetable, nowMs });
      if (outcome.kind !== 'deferred') consumed += 1;
    }
    return { progress, consumed };
  };
  const schedules = fc.array(fc.integer({ min: 0, max: 86_400_000 }), { minLength: 1, maxLength: 12 });
  const before = fc.nat({ max: 40 });

  test('a delivery has an end or a time of its next attempt', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(retry, deferred, ending)),
        schedules,
        before,
        (outcomes, schedule, attemptsBefore) => {
          const { progress, consumed } = run(outcomes, { schedule, attemptsBefore });
          expect(progress.phase === 'waiting').toBe(progress.end === undefined);
          expect(consumed).toBeLessThanOrEqual(schedule.length);
          expect(progress.attempt).toBeLessThanOrEqual(attemptsBefore + schedule.length);
          expect(Number.isFinite(progress.dueAtMs)).toBe(true);
        },
      ),
    );
  });

  test('being deferred consumes nothing', () => {
    fc.assert(
      fc.property(fc.array(deferred), schedules, before, (outcomes, schedule, attemptsBefore) => {
        const { progress } = run(outcomes, { schedule, attemptsBefore });
        expect(progress).toEqual(begin(attemptsBefore + 1));
      }),
    );
  });

  test('failures alone end in a dead letter after exactly the attempts of the schedule', () => {
    fc.assert(
      fc.property(
        fc.array(retry, { minLength: 13, maxLength: 20 }),
        schedules,
        before,
        (outcomes, schedule, attemptsBefore) => {
          const { progress, consumed } = run(outcomes, { schedule, attemptsBefore });
          expect(consumed).toBe(schedule.length);
          expect(progress).toMatchObject({ phase: 'giving_up', end: { reason: 'retries_exhausted' } });
        },
      ),
    );
  });
});
