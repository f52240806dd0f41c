import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readRecordedOutcome, buildFinishedAttemptRow } from '../../../activities/build-finished-attempt-row.js';
import type { AttemptFacts } from '../../../contracts/workflows/deliver-webhook.js';
import type { FinishedAttempt } from '../../../db/delivery-path/load-attempts.js';
import type { FinishedAttemptRow } from '../../../db/delivery-path/persist-attempts.js';
import type { AttemptOutcome } from '../../../domain/delivery/outcome.js';
import { applyOutcome, createProgress } from '../../../domain/delivery/progress.js';
import { batch, context, NOW, request } from './attempt-fake.js';

const facts: AttemptFacts = { deliveryId: 'd1', attempt: 1, startedAtMs: NOW, durationMs: 120, secretVersion: 4 };
const told = (outcome: AttemptOutcome, attempt = 1, more = {}): FinishedAttemptRow =>
  buildFinishedAttemptRow({
    batch: batch(more),
    request: request({ attempt }),
    context: context(),
    outcome,
    preview: 'p',
    facts: { ...facts, attempt },
    endpoint: null,
  });

/** A finished row as `load_attempts` reads it. */
const settledOf = ({ status, outcome, responseStatus, errorCode, nextAttemptAt, finishedAt }: FinishedAttemptRow) => {
  const nextDelayMs = nextAttemptAt === null ? null : nextAttemptAt.getTime() - finishedAt.getTime();
  return { status, outcome, responseStatus, errorCode, nextDelayMs } as FinishedAttempt;
};

describe('the row of an attempt', () => {
  test('tells whose it is, what happened and when', () => {
    expect(told({ kind: 'delivered', status: 201 })).toEqual({
      deliveryId: 'd1',
      attempt: 1,
      accountId: context().accountId,
      webhookId: context().webhookId,
      eventId: 'evt_1',
      eventType: 'order.paid',
      workflowId: 'wh-1',
      cycle: 0,
      trigger: 'dispatch',
      status: 'succeeded',
      outcome: 'delivered',
      outcomeReason: null,
      responseStatus: 201,
      errorCode: null,
      preview: 'p',
      durationMs: 120,
      startedAt: new Date(NOW),
      finishedAt: new Date(NOW + 120),
      nextAttemptAt: null,
      secretVersion: 4,
      requestedBy: null,
      requestReason: null,
      endpoint: null,
    });
  });

  test('says who asked for a replay, and why', () => {
    const replay = { requestedBy: 'support', reason: 'repaired' };
    expect(told({ kind: 'delivered', status: 200 }, 1, { replay, cycle: 1, trigger: 'replay' })).toMatchObject({
      requestedBy: 'support',
      requestReason: 'repaired',
      cycle: 1,
      trigger: 'replay',
    });
  });

  test('of a failure has no outcome of its delivery yet: that is written with the dead letter', () => {
    expect(told({ kind: 'retry', code: 'timeout' }, 3)).toMatchObject({ outcome: null, nextAttemptAt: null });
    expect(told({ kind: 'giveUp', reason: 'endpoint_gone', code: 'gone', status: 410 })).toMatchObject({
      status: 'failed',
      outcome: null,
      errorCode: 'gone',
      responseStatus: 410,
      nextAttemptAt: null,
    });
  });

  test('names the time of the next attempt that the workflow waits for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 }),
        fc.option(fc.integer({ min: 1_000, max: 86_400_000 })),
        (attempt, asked) => {
          const outcome = {
            kind: 'retry' as const,
            code: 'timeout' as const,
            ...(asked === null ? {} : { retryAfterMs: asked }),
          };
          const row = told(outcome, attempt);
          const progress = createProgress(request(), attempt);
          applyOutcome(progress, outcome, { ...batch(), nowMs: row.finishedAt.getTime() });
          expect(row.nextAttemptAt?.getTime()).toBe(progress.dueAtMs);
        },
      ),
    );
  });
});

describe('the outcome read from a settled row', () => {
  test.each<AttemptOutcome>([
    { kind: 'delivered', status: 204 },
    { kind: 'giveUp', reason: 'endpoint_gone', code: 'gone', status: 410 },
    { kind: 'giveUp', reason: 'secret_undecryptable', code: 'secret_undecryptable' },
  ])('is the one that was written: %j', (outcome) => {
    expect(readRecordedOutcome(settledOf(told(outcome)))).toEqual(outcome);
  });

  test.each<AttemptOutcome>([
    { kind: 'retry', code: 'timeout' },
    { kind: 'retry', code: 'http_error', status: 503, retryAfterMs: 3_600_000 },
    { kind: 'retry', code: 'redirect', status: 301, retryAfterMs: 1_000 },
  ])('means the same for the workflow, first, last and between: %j', (outcome) => {
    for (const attempt of [1, 2, 3]) {
      const again = readRecordedOutcome(settledOf(told(outcome, attempt)));
      const [one, other] = [createProgress(request(), attempt), createProgress(request(), attempt)];
      applyOutcome(one, outcome, { ...batch(), nowMs: NOW });
      applyOutcome(other, again, { ...batch(), nowMs: NOW });
      expect(other).toEqual(one);
    }
  });

  test.each(['skipped', 'canceled'] as const)('is that nothing was sent, of a row that is %s', (status) => {
    const nothing = { outcome: null, responseStatus: null, errorCode: null, nextDelayMs: null };
    expect(readRecordedOutcome({ status, ...nothing })).toEqual({ kind: 'skipped', reason: 'endpoint_disabled' });
  });
});
