import { createAlarm } from './alarm.js';
import { createPermits, type PermitOptions, type ReleasePermit, type UnprovenLimits } from './permits.js';
import { createRoundRobinQueue } from './round-robin-queue.js';

export interface LaneRequest {
  /** Permits go round robin over the waiting keys: the webhook id. */
  readonly key: string;
  /** Requests that belong together: the workflow id of the message. */
  readonly group: string;
  /** Last time at which a permit is useful, in milliseconds since 1970. */
  readonly deadlineMs: number;
  /** The request runs already, with a permit of another lane. It gets a permit before requests that have not started. */
  readonly isRunning?: boolean;
  readonly signal?: AbortSignal;
}

/** A concurrency limit for requests. */
export interface Lane {
  /**
   * Resolves with a permit. Resolves with `'refused'` when the deadline passes or the signal aborts, and at once if the endpoint is
   * unproven and enough messages wait for it. The caller must release the permit; releasing twice is harmless.
   */
  readonly acquire: (request: LaneRequest) => Promise<ReleasePermit | 'refused'>;
  readonly inUse: () => number;
  readonly waiting: () => number;
}

export interface LaneOptions extends PermitOptions {
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

interface LaneWaiter {
  readonly key: string;
  readonly group: string;
  readonly deadlineMs: number;
  readonly answer: (permit: ReleasePermit | 'refused') => void;
}

/**
 * Creates a lane. Neither one busy endpoint nor many hanging ones can take all of its permits.
 * @throws TypeError if the capacity is not a positive whole number.
 */
export function createLane(options: LaneOptions): Lane {
  const { unproven, now = Date.now } = options;
  const notStarted = createRoundRobinQueue<LaneWaiter>();
  /** Goes first: a running request adds no load and frees a permit of the other lane. */
  const running = createRoundRobinQueue<LaneWaiter>();
  const permits = createPermits(options, grantPermits);
  const deadlineAlarm = createAlarm(now, refuseExpired);

  const takeNextWaiter = () => running.next(permits.hasPermitFor) ?? notStarted.next(permits.hasPermitFor);

  function grantPermits(): void {
    let waiter = takeNextWaiter();
    while (waiter !== undefined) {
      waiter.answer(permits.take(waiter.key));
      waiter = takeNextWaiter();
    }
    if (notStarted.size() === 0) deadlineAlarm.off();
  }

  function refuseExpired(): void {
    for (const { answer } of notStarted.takeExpired(now())) answer('refused');
    deadlineAlarm.setNoLaterThan(notStarted.earliestDeadline());
  }

  function acquire(request: LaneRequest): Promise<ReleasePermit | 'refused'> {
    const isUseless = request.signal?.aborted === true || request.deadlineMs <= now();
    if (isUseless || isCrowded(unproven, notStarted.waitingFor(request.key), request))
      return Promise.resolve('refused');
    return new Promise((resolve) => enqueue(request, resolve));
  }

  function enqueue(request: LaneRequest, resolve: LaneWaiter['answer']): void {
    const queue = request.isRunning === true ? running : notStarted;
    const waiter = createWaiter(request, resolve, () => {
      queue.remove(waiter);
      waiter.answer('refused');
      grantPermits();
    });
    queue.add(waiter);
    if (queue === notStarted) deadlineAlarm.setNoLaterThan(request.deadlineMs);
    grantPermits();
  }

  return { acquire, inUse: permits.inUse, waiting: () => running.size() + notStarted.size() };
}

/** A waiter that calls `onAbort` if the request's signal aborts before the answer. */
function createWaiter(
  { key, group, deadlineMs, signal }: LaneRequest,
  resolve: LaneWaiter['answer'],
  onAbort: () => void,
): LaneWaiter {
  signal?.addEventListener('abort', onAbort);
  function answer(permit: ReleasePermit | 'refused'): void {
    signal?.removeEventListener('abort', onAbort);
    resolve(permit);
  }
  return { key, group, deadlineMs, answer };
}

/** Whether enough messages wait for an endpoint that may never answer. Requests of a waiting message are not refused. */
function isCrowded(
  unproven: UnprovenLimits | undefined,
  waiting: readonly LaneWaiter[],
  { key, group }: LaneRequest,
): boolean {
  if (unproven === undefined || unproven.isProven(key)) return false;
  const groups = new Set(waiting.map((waiter) => waiter.group));
  return !groups.has(group) && groups.size >= unproven.maxWaitingMessagesEach;
}
