import { createAlarm } from './alarm.js';
import { createRoundRobinQueue } from './round-robin-queue.js';

export type ReleasePermit = () => void;

export interface LaneRequest {
  /** Slots are handed out in turn over the keys that wait: the webhook id. */
  readonly key: string;
  /** What asks together: the workflow id of the message. */
  readonly group: string;
  /** Milliseconds since 1970 after which the slot is of no use any more. */
  readonly deadlineMs: number;
  /** The request runs already, with a slot of another lane: it comes before those that have not begun, and has no deadline. */
  readonly isRunning?: boolean;
  readonly signal?: AbortSignal;
}

export interface Lane {
  /**
   * Resolves with a slot, or `'refused'` once the deadline has passed, the signal aborted, or at once where the endpoint is
   * unproven and enough messages wait for it. The slot must be released; releasing twice is harmless.
   */
  readonly acquire: (request: LaneRequest) => Promise<ReleasePermit | 'refused'>;
  readonly inUse: () => number;
  readonly waiting: () => number;
}

/** How endpoints that nobody knows to be well are kept from taking the lane for themselves. */
export interface UnprovenLimits {
  /** Judged whenever a slot is handed out, so that a first success opens the lane to those who wait. */
  readonly isProven: (key: string) => boolean;
  /** Slots that all unproven endpoints may hold together; each of them holds one. */
  readonly maxUnprovenPermits: number;
  /** Messages that may wait for one unproven endpoint. */
  readonly maxWaitingMessagesEach: number;
}

export interface LaneOptions {
  /** Slots. */
  readonly capacity: number;
  /** Absent: nobody is told apart. */
  readonly unproven?: UnprovenLimits;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

interface LaneWaiter {
  readonly key: string;
  readonly group: string;
  readonly deadlineMs: number;
  readonly settle: (outcome: ReleasePermit | 'refused') => void;
}

/**
 * A concurrency gate that neither one busy endpoint nor many hanging ones can take for themselves.
 *
 * @throws TypeError when the capacity is not a positive whole number.
 */
export function createLane(options: LaneOptions): Lane {
  const { unproven, now = Date.now } = options;
  const waiters = createRoundRobinQueue<LaneWaiter>();
  /** A request that runs adds nothing to what this process sends, and it frees a slot elsewhere. Each runs once, and not long. */
  const running = createRoundRobinQueue<LaneWaiter>();
  const waiting = () => running.size() + waiters.size();
  const permits = createPermits(options, handOut);
  const alarm = createAlarm(now, () => {
    waiters.expired(now()).forEach(({ settle }) => settle('refused'));
    alarm.setNoLaterThan(waiters.earliestDeadline());
  });

  const nextInTurn = () => running.next(permits.fits) ?? waiters.next(permits.fits);
  function handOut(): void {
    for (let next = nextInTurn(); next !== undefined; next = nextInTurn()) next.settle(permits.take(next.key));
    if (waiters.size() === 0) alarm.off();
  }

  function acquire({ signal, ...request }: LaneRequest): Promise<ReleasePermit | 'refused'> {
    const crowded = isCrowded(unproven, waiters.waitingFor(request.key), request);
    if (crowded || signal?.aborted || request.deadlineMs <= now()) return Promise.resolve('refused');
    return new Promise((resolve) => {
      const settle: LaneWaiter['settle'] = (outcome) => {
        signal?.removeEventListener('abort', giveUp);
        resolve(outcome);
      };
      const waiter = { ...request, settle };
      const queue = request.isRunning === true ? running : waiters;
      const giveUp = () => {
        queue.remove(waiter);
        settle('refused');
        handOut();
      };
      signal?.addEventListener('abort', giveUp);
      queue.add(waiter);
      if (queue === waiters) alarm.setNoLaterThan(request.deadlineMs);
      handOut();
    });
  }

  return { acquire, inUse: permits.inUse, waiting };
}

/** Whether enough messages wait for an endpoint that may never answer. */
function isCrowded(unproven: UnprovenLimits | undefined, waiting: readonly LaneWaiter[], { key, group }: LaneRequest) {
  if (unproven === undefined || unproven.isProven(key)) return false;
  const groups = new Set(waiting.map((waiter) => waiter.group));
  return !groups.has(group) && groups.size >= unproven.maxWaitingMessagesEach;
}

function createPermits({ capacity, unproven }: LaneOptions, onFree: () => void) {
  if (!Number.isInteger(capacity) || capacity < 1) throw new TypeError('a lane needs a whole number of slots');
  const unprovenKeys = new Set<string>();
  let inUse = 0;

  function held(onRelease: () => void): ReleasePermit {
    let mine = true;
    inUse += 1;
    return () => {
      if (!mine) return;
      mine = false;
      inUse -= 1;
      onRelease();
      onFree();
    };
  }

  const isFree = (key: string) => unproven === undefined || unproven.isProven(key);
  const hasPermitFor = (key: string) =>
    inUse < capacity &&
    (isFree(key) || (!unprovenKeys.has(key) && unprovenKeys.size < (unproven?.maxUnprovenPermits ?? capacity)));

  function takePermit(key: string): ReleasePermit {
    if (isFree(key)) return held(() => undefined);
    unprovenKeys.add(key);
    return held(() => void unprovenKeys.delete(key));
  }

  return { inUse: () => inUse, fits: hasPermitFor, take: takePermit };
}
