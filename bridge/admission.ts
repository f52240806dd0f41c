import { endAfterMs, endOnAbort, type Watchers, waitUntil } from './wait-until.js';

/**
 * Admission control: the admitted messages of this process whose first attempts are not over, and their deliveries. Both numbers
 * are limited: each message costs a workflow start, and each delivery waits for a permit.
 */
export interface Admission {
  /** Admits a message. `deliveries` is the best estimate so far. */
  readonly enter: (message: object, deliveries: number) => void;
  /** Does nothing for a message that has left. */
  readonly leave: (message: object) => void;
  /**
   * Makes the message leave when `firstAttemptsOver` is called with its workflow, or after ten seconds if that workflow runs in
   * another process. False if the workflow is expected already; then the caller has to call `leave`.
   */
  readonly expectFirstAttempts: (workflowId: string, expected: { message: object; deliveries: number }) => boolean;
  /** One of the workflow's deliveries needs no permit any more. The next message need not wait for the others. */
  readonly firstAttemptOver: (workflowId: string) => void;
  readonly firstAttemptsOver: (workflowId: string) => void;
  /** Undoes `expectFirstAttempts`: the caller has to call `leave`. False if the message has left already. */
  readonly cancelExpectation: (workflowId: string) => boolean;
  /** Whether another message may enter, with any number of deliveries. */
  readonly hasRoom: () => boolean;
  readonly messagesInFlight: () => number;
  /** Deliveries whose first attempt is not over; an estimate until the message is recorded. */
  readonly deliveriesInFlight: () => number;
  /** Resolves when there is room, or when `signal` aborts. */
  readonly waitForRoom: (signal: AbortSignal) => Promise<void>;
  /** Resolves when all messages have left, or after `ms` milliseconds. */
  readonly waitUntilEmpty: (ms: number) => Promise<void>;
}

/** After this time the server assigns a workflow task of a lost process again, possibly to another process. */
const TASK_REASSIGNED_AFTER_MS = 10_000;

/**
 * There are two messages for each permit, so this allows ten deliveries for each permit. At 500 deliveries/s they last for a quarter
 * of a second. In that time the next batch is recorded and started, and no delivery waits so long that its endpoint has to be
 * read again.
 */
const DELIVERIES_PER_MESSAGE = 5;

/** `limit` counts messages. A message enters only while fewer than five times as many deliveries are in flight. */
export function createAdmission(limit: number): Admission {
  const counts = createCount();
  const expected = new Map<string, { message: object; timer: NodeJS.Timeout }>();
  const hasRoom = () => counts.messages() < limit && counts.deliveries() < limit * DELIVERIES_PER_MESSAGE;

  const cancelExpectation = (workflowId: string) => {
    clearTimeout(expected.get(workflowId)?.timer);
    return expected.delete(workflowId);
  };
  const firstAttemptsOver = (workflowId: string) => {
    const expectation = expected.get(workflowId);
    if (expectation === undefined) return;
    cancelExpectation(workflowId);
    counts.remove(expectation.message);
  };
  return {
    enter: counts.set,
    leave: counts.remove,
    expectFirstAttempts: (workflowId, { message, deliveries }) => {
      if (expected.has(workflowId)) return false;
      const timer = setTimeout(() => firstAttemptsOver(workflowId), TASK_REASSIGNED_AFTER_MS).unref();
      expected.set(workflowId, { message, timer });
      counts.set(message, deliveries);
      return true;
    },
    firstAttemptOver: (workflowId) => {
      const message = expected.get(workflowId)?.message;
      if (message !== undefined) counts.set(message, Math.max(0, counts.deliveriesOf(message) - 1));
    },
    firstAttemptsOver,
    cancelExpectation,
    hasRoom,
    messagesInFlight: counts.messages,
    deliveriesInFlight: counts.deliveries,
    waitForRoom: (signal) => waitUntil(counts.watchers, () => hasRoom() || signal.aborted, endOnAbort(signal)),
    waitUntilEmpty: (ms) => waitUntil(counts.watchers, () => counts.messages() === 0, endAfterMs(ms)),
  };
}

/** Counts messages and the sum of their deliveries. */
function createCount() {
  const byMessage = new Map<object, number>();
  const watchers: Watchers = new Set();
  let sum = 0;

  const deliveriesOf = (message: object) => byMessage.get(message) ?? 0;
  const change = (by: number) => {
    sum += by;
    for (const watcher of [...watchers]) watcher();
  };
  const set = (message: object, deliveries: number) => {
    const before = deliveriesOf(message);
    byMessage.set(message, deliveries);
    change(deliveries - before);
  };
  const remove = (message: object) => {
    const before = deliveriesOf(message);
    byMessage.delete(message);
    change(-before);
  };
  return { deliveriesOf, set, remove, messages: () => byMessage.size, deliveries: () => sum, watchers };
}
