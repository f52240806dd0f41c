import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { type Admission, createAdmission } from '../../../bridge/admission.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const never = new AbortController().signal;
const settle = () => jest.advanceTimersByTimeAsync(0);

function noted(promise: Promise<void>): () => boolean {
  let done = false;
  void promise.then(() => (done = true));
  return () => done;
}

/** An admitted message with so many deliveries. */
function entered(admission: Admission, deliveries = 1): object {
  const message = {};
  admission.enter(message, deliveries);
  return message;
}

describe('room', () => {
  test('is there until as many messages have entered, and again when one leaves', () => {
    const admission = createAdmission(2);
    const first = entered(admission);
    expect([admission.hasRoom(), admission.messagesInFlight()]).toEqual([true, 1]);
    const others = [entered(admission), entered(admission)];
    expect([admission.hasRoom(), admission.messagesInFlight()]).toEqual([false, 3]);
    admission.leave(first);
    admission.leave(first);
    expect([admission.hasRoom(), admission.messagesInFlight()]).toEqual([false, 2]);
    others.forEach(admission.leave);
    expect([admission.hasRoom(), admission.messagesInFlight()]).toEqual([true, 0]);
  });

  test('is there for 28 single events, for three batches of fifty, and for one batch of a thousand', () => {
    const countUntilFull = (deliveries: number) => {
      const admission = createAdmission(28);
      while (admission.hasRoom()) entered(admission, deliveries);
      return admission.messagesInFlight();
    };
    expect([1, 5, 10, 50, 1_000].map(countUntilFull)).toEqual([28, 28, 14, 3, 1]);
  });

  test('is there again as first attempts end, before the last of a large batch is over', () => {
    const admission = createAdmission(28);
    const message = entered(admission, 1_000);
    admission.expectFirstAttempts('wf', { message, deliveries: 1_000 });
    for (let n = 0; n < 860; n += 1) admission.firstAttemptOver('wf');
    expect([admission.hasRoom(), admission.deliveriesInFlight()]).toEqual([false, 140]);
    admission.firstAttemptOver('wf');
    expect([admission.hasRoom(), admission.deliveriesInFlight(), admission.messagesInFlight()]).toEqual([true, 139, 1]);
  });

  test('is judged by the deliveries that were recorded, once they are', () => {
    const admission = createAdmission(28);
    const message = entered(admission, 10);
    admission.expectFirstAttempts('wf', { message, deliveries: 140 });
    expect(admission.hasRoom()).toBe(false);
    admission.leave(message);
    admission.expectFirstAttempts('other', { message: entered(admission, 140), deliveries: 139 });
    expect(admission.hasRoom()).toBe(true);
  });

  test('is not freed by attempts of an unexpected workflow, nor by more attempts than there are deliveries', () => {
    const admission = createAdmission(3);
    const message = entered(admission, 15);
    admission.firstAttemptOver('wf');
    expect(admission.hasRoom()).toBe(false);
    admission.expectFirstAttempts('wf', { message, deliveries: 1 });
    for (let n = 0; n < 10; n += 1) admission.firstAttemptOver('wf');
    entered(admission, 15);
    expect(admission.hasRoom()).toBe(false);
  });
});

describe('a message', () => {
  test('is inside until its first attempts are over, and leaves once', () => {
    const admission = createAdmission(1);
    const message = entered(admission);
    expect(admission.expectFirstAttempts('wf', { message, deliveries: 1 })).toBe(true);
    expect(admission.hasRoom()).toBe(false);
    admission.firstAttemptsOver('wf');
    admission.firstAttemptsOver('wf');
    expect(admission.messagesInFlight()).toBe(0);
  });

  test('leaves after ten seconds when its first attempts run elsewhere', async () => {
    const admission = createAdmission(1);
    admission.expectFirstAttempts('wf', { message: entered(admission), deliveries: 1 });
    await jest.advanceTimersByTimeAsync(9_999);
    expect(admission.messagesInFlight()).toBe(1);
    await jest.advanceTimersByTimeAsync(1);
    expect(admission.messagesInFlight()).toBe(0);
    admission.firstAttemptsOver('wf');
    expect(admission.messagesInFlight()).toBe(0);
  });

  test('is the only one of its workflow to be expected', () => {
    const admission = createAdmission(2);
    const expecting = () => admission.expectFirstAttempts('wf', { message: entered(admission), deliveries: 1 });
    expect([expecting(), expecting()]).toEqual([true, false]);
    admission.firstAttemptsOver('wf');
    expect(expecting()).toBe(true);
  });

  test('whose expectation is taken back leaves by itself', async () => {
    const admission = createAdmission(1);
    admission.expectFirstAttempts('wf', { message: entered(admission), deliveries: 1 });
    expect([admission.cancelExpectation('wf'), admission.cancelExpectation('wf')]).toEqual([true, false]);
    await jest.advanceTimersByTimeAsync(20_000);
    expect(admission.messagesInFlight()).toBe(1);
  });

  test('is never lost nor let out twice, with any calls in any order', async () => {
    const sequences = fc.array(
      fc.tuple(fc.constantFrom('over', 'one over', 'expect', 'wait', 'forget'), fc.nat({ max: 4 })),
    );
    await fc.assert(
      fc.asyncProperty(sequences, async (calls) => {
        const admission = createAdmission(2);
        const messages: object[] = [];
        for (const [what, n] of calls) {
          const workflowId = `wf-${String(n)}`;
          if (what === 'over') admission.firstAttemptsOver(workflowId);
          else if (what === 'one over') admission.firstAttemptOver(workflowId);
          else if (what === 'forget') admission.cancelExpectation(workflowId);
          else if (what === 'wait') await jest.advanceTimersByTimeAsync(n * 4_000);
          else {
            messages.push(entered(admission, n));
            admission.expectFirstAttempts(workflowId, { message: messages.at(-1)!, deliveries: 4 });
          }
          expect(admission.messagesInFlight()).toBeLessThanOrEqual(messages.length);
        }
        messages.forEach(admission.leave);
        expect([admission.messagesInFlight(), admission.hasRoom()]).toEqual([0, true]);
        entered(admission, 10);
        expect(admission.hasRoom()).toBe(false);
      }),
    );
  });
});

describe('a caller that waits', () => {
  test('for room gets it at once where there is some', async () => {
    const done = noted(createAdmission(1).waitForRoom(never));
    await settle();
    expect(done()).toBe(true);
  });

  test('for room gets it when a message leaves, or one of several attempts ends', async () => {
    const admission = createAdmission(2);
    const message = entered(admission, 11);
    const done = noted(admission.waitForRoom(never));
    await settle();
    expect(done()).toBe(false);
    admission.leave(message);
    await settle();
    expect(done()).toBe(true);
    admission.expectFirstAttempts('wf', { message: entered(admission), deliveries: 10 });
    const again = noted(admission.waitForRoom(never));
    await settle();
    expect(again()).toBe(false);
    admission.firstAttemptOver('wf');
    await settle();
    expect(again()).toBe(true);
  });

  test('for room stops waiting when told to', async () => {
    const admission = createAdmission(1);
    entered(admission);
    const stopping = new AbortController();
    const done = noted(admission.waitForRoom(stopping.signal));
    stopping.abort();
    await settle();
    expect(done()).toBe(true);
    await admission.waitForRoom(stopping.signal);
  });

  test('until no message is in flight waits no longer than allowed', async () => {
    const admission = createAdmission(1);
    const message = entered(admission);
    const patient = noted(admission.waitUntilEmpty(1_000));
    await jest.advanceTimersByTimeAsync(999);
    expect(patient()).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(patient()).toBe(true);
    const next = noted(admission.waitUntilEmpty(1_000));
    admission.leave(message);
    await settle();
    expect(next()).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });
});
