import { endAfterMs, endOnAbort, type Watchers, waitUntil } from './wait-until.js';

/**
 * The messages that this process has taken in whose first attempts are not over, and their deliveries. Both bound what is
 * begun: each message costs a start and a workflow, and each delivery waits for a slot.
 */
export interface Admission {
  /** Takes a message in that has as many deliveries as far as is known. */
  readonly enter: (message: object, deliveries: number) => void;
  /** Harmless for one that has left. */
  readonly leave: (message: object) => void;
  /**
   * From now on the message leaves when `firstAttemptsOver` is told of its workflow, or after ten seconds if that runs
   * elsewhere. False if that workflow is expected already: then the message has to leave by itself.
   */
  readonly expectFirstAttempts: (workflowId: string, of: { message: object; deliveries: number }) => boolean;
  /** One of the workflow's deliveries needs no slot any more: the next message need not wait for the others. */
  readonly firstAttemptOver: (workflowId: string) => void;
  readonly firstAttemptsOver: (workflowId: string) => void;
  /** Takes an expectation back: the message leaves by itself. False if it has left already. */
  readonly cancelExpectation: (workflowId: string) => boolean;
  /** Whether another message may enter, however many deliveries it has. */
  readonly hasRoom: () => boolean;
  /** Messages. */
  readonly messagesInFlight: () => number;
  /** Deliveries whose first attempt is not over, as far as is known. */
  readonly deliveriesInFlight: () => number;
  /** Resolves when there is room or `signal` aborts. */
  readonly waitForRoom: (signal: AbortSignal) => Promise<void>;
  /** Resolves when nobody is inside, or after `ms` milliseconds. */
  readonly waitUntilEmpty: (ms: number) => Promise<void>;
}

/** A workflow task lost with its process is handed out again after this time, maybe to another process. */
const TASK_REASSIGNED_AFTER_MS = 10_000;

/**
 * Ten deliveries for each slot, as there are two messages for each: at 500 deliveries/s they last for a quarter of a second, in
 * which the next batch is recorded and started, and none waits so long that its endpoint has to be read again.
 */
const DELIVERIES_PER_MESSAGE = 5;

/** `limit` is of messages; of deliveries there may be five times as many before the last message enters. */
export function createAdmission(limit: number): Admission {
  const counts = createCount();
  const expected = new Map<string, { message: object; timer: NodeJS.Timeout }>();
  const hasRoom = () => counts.messages() < limit && counts.deliveries() < limit * DELIVERIES_PER_MESSAGE;

  const cancelExpectation = (workflowId: string) => {
    clearTimeout(expected.get(workflowId)?.timer);
    return expected.delete(workflowId);
  };
  const firstAttemptsOver = (workflowId: string) => {
    const entry = expected.get(workflowId);
    if (entry === undefined) return;
    cancelExpectation(workflowId);
    counts.remove(entry.message);
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
      if (message !== undefined) counts.set(message, Math.max(0, counts.of(message) - 1));
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

/** Messages and the sum of their deliveries. */
function createCount() {
  const byMessage = new Map<object, number>();
  const watchers: Watchers = new Set();
  let sum = 0;

  const of = (message: object) => byMessage.get(message) ?? 0;
  const changed = (by: number) => {
    sum += by;
    for (const watcher of [...watchers]) watcher();
  };
  const set = (message: object, deliveries: number) => {
    const before = of(message);
    byMessage.set(message, deliveries);
    changed(deliveries - before);
  };
  const remove = (message: object) => {
    const before = of(message);
    byMessage.delete(message);
    changed(-before);
  };
  return { of, set, remove, messages: () => byMessage.size, deliveries: () => sum, watchers };
}
