import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { createAdmission } from '../../../bridge/admission.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const never = new AbortController().signal;
const settle = () => jest.advanceTimersByTimeAsync(0);

function noted(promise: Promise<void>): () => boolean {
  let done = false;
  void promise.then(() => (done = true));
  return () => done;
}

describe('a place', () => {
  test('is taken when a message arrives and free when it leaves', () => {
    const admission = createAdmission(2);
    admission.enter();
    expect([admission.free(), admission.inFlight()]).toEqual([1, 1]);
    admission.enter();
    admission.enter();
    expect([admission.free(), admission.inFlight()]).toEqual([0, 3]);
    admission.leave();
    expect([admission.free(), admission.inFlight()]).toEqual([0, 2]);
    admission.leave();
    admission.leave();
    expect([admission.free(), admission.inFlight()]).toEqual([2, 0]);
  });

  test('is kept until the first attempts are over, and given back once', () => {
    const admission = createAdmission(1);
    admission.enter();
    expect(admission.expectFirstAttempts('wf')).toBe(true);
    expect(admission.free()).toBe(0);
    admission.firstAttemptsOver('wf');
    admission.firstAttemptsOver('wf');
    expect(admission.inFlight()).toBe(0);
  });

  test('is given back after ten seconds when the first attempts run elsewhere', async () => {
    const admission = createAdmission(1);
    admission.enter();
    admission.expectFirstAttempts('wf');
    await jest.advanceTimersByTimeAsync(9_999);
    expect(admission.inFlight()).toBe(1);
    await jest.advanceTimersByTimeAsync(1);
    expect(admission.inFlight()).toBe(0);
    admission.firstAttemptsOver('wf');
    expect(admission.inFlight()).toBe(0);
  });

  test('is expected for one message of a workflow only', () => {
    const admission = createAdmission(2);
    expect([admission.expectFirstAttempts('wf'), admission.expectFirstAttempts('wf')]).toEqual([true, false]);
    admission.firstAttemptsOver('wf');
    expect(admission.expectFirstAttempts('wf')).toBe(true);
  });

  test('whose expectation is taken back is left by the message itself', async () => {
    const admission = createAdmission(1);
    admission.enter();
    admission.expectFirstAttempts('wf');
    expect([admission.forget('wf'), admission.forget('wf')]).toEqual([true, false]);
    await jest.advanceTimersByTimeAsync(20_000);
    expect(admission.inFlight()).toBe(1);
  });

  test('is never lost nor won, whatever is told in which order', async () => {
    const tell = fc.array(fc.tuple(fc.constantFrom('over', 'expect', 'wait'), fc.nat({ max: 4 })));
    await fc.assert(
      fc.asyncProperty(tell, async (told) => {
        const admission = createAdmission(10);
        let expected = 0;
        for (const [what, n] of told) {
          if (what === 'over') admission.firstAttemptsOver(`wf-${String(n)}`);
          else if (what === 'wait') await jest.advanceTimersByTimeAsync(n * 4_000);
          else if (admission.expectFirstAttempts(`wf-${String(n)}`)) {
            admission.enter();
            expected += 1;
          }
          expect(admission.inFlight()).toBeGreaterThanOrEqual(0);
          expect(admission.inFlight()).toBeLessThanOrEqual(expected);
        }
        await jest.advanceTimersByTimeAsync(10_000);
        expect(admission.inFlight()).toBe(0);
      }),
    );
  });
});

describe('who waits', () => {
  test('for a place gets it at once where there is one', async () => {
    const done = noted(createAdmission(1).placeFree(never));
    await settle();
    expect(done()).toBe(true);
  });

  test('for a place gets it when somebody leaves', async () => {
    const admission = createAdmission(1);
    admission.enter();
    const done = noted(admission.placeFree(never));
    await settle();
    expect(done()).toBe(false);
    admission.leave();
    await settle();
    expect(done()).toBe(true);
  });

  test('for a place stops waiting when told to', async () => {
    const admission = createAdmission(1);
    admission.enter();
    const stopping = new AbortController();
    const done = noted(admission.placeFree(stopping.signal));
    stopping.abort();
    await settle();
    expect(done()).toBe(true);
    await admission.placeFree(stopping.signal);
  });

  test('until nobody is inside waits no longer than allowed', async () => {
    const admission = createAdmission(1);
    admission.enter();
    const patient = noted(admission.empty(1_000));
    await jest.advanceTimersByTimeAsync(999);
    expect(patient()).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(patient()).toBe(true);
    const next = noted(admission.empty(1_000));
    admission.leave();
    await settle();
    expect(next()).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });
});
