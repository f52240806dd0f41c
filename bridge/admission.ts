import { afterMs, onAbort, type Watchers, until } from './until.js';

/** How many messages this process has taken in whose first attempts are not over. It bounds what is pulled. */
export interface Admission {
  /** Takes a place for a message that has arrived. */
  enter: () => void;
  leave: () => void;
  /**
   * From now on the message leaves when `firstAttemptsOver` is told of its workflow, or after ten seconds if that runs
   * elsewhere. False if that workflow is expected already: then the message has to leave by itself.
   */
  expectFirstAttempts: (workflowId: string) => boolean;
  firstAttemptsOver: (workflowId: string) => void;
  /** Takes an expectation back: the message leaves by itself. False if it has left already. */
  forget: (workflowId: string) => boolean;
  free: () => number;
  inFlight: () => number;
  /** Resolves when a place is free or `signal` aborts. */
  placeFree: (signal: AbortSignal) => Promise<void>;
  /** Resolves when nobody is inside, or after `ms` milliseconds. */
  empty: (ms: number) => Promise<void>;
}

/** A workflow task lost with its process is handed out again after this time, maybe to another process. */
const ELSEWHERE_MS = 10_000;

export function createAdmission(limit: number): Admission {
  let inside = 0;
  const watchers: Watchers = new Set();
  const expected = new Map<string, NodeJS.Timeout>();

  const leave = () => {
    inside -= 1;
    for (const watcher of [...watchers]) watcher();
  };
  const forget = (workflowId: string) => {
    clearTimeout(expected.get(workflowId));
    return expected.delete(workflowId);
  };
  const firstAttemptsOver = (workflowId: string) => {
    if (forget(workflowId)) leave();
  };
  return {
    enter: () => void (inside += 1),
    leave,
    expectFirstAttempts: (workflowId) => {
      if (expected.has(workflowId)) return false;
      expected.set(workflowId, setTimeout(() => firstAttemptsOver(workflowId), ELSEWHERE_MS).unref());
      return true;
    },
    firstAttemptsOver,
    forget,
    free: () => Math.max(0, limit - inside),
    inFlight: () => inside,
    placeFree: (signal) => until(watchers, () => inside < limit || signal.aborted, onAbort(signal)),
    empty: (ms) => until(watchers, () => inside === 0, afterMs(ms)),
  };
}
