export type Release = () => void;

export type LaneRequest = {
  /** Slots are handed out in turn over the keys that wait: the webhook id. */
  key: string;
  /** Endpoints without a recent success share only part of the lane. */
  proven: boolean;
  /** Milliseconds since 1970 after which the slot is of no use any more. */
  deadline: number;
  signal?: AbortSignal;
};

export type Lane = {
  /**
   * Resolves with a slot, or `'expired'` once the deadline has passed or the signal aborted. The slot must be released,
   * releasing twice is harmless.
   */
  acquire(request: LaneRequest): Promise<Release | 'expired'>;
  inUse(): number;
  waiting(): number;
};

export type LaneOptions = {
  /** Slots. */
  capacity: number;
  /** Part of the slots that unproven endpoints may hold together. */
  unprovenShare?: number;
  /** Milliseconds since 1970. */
  now?: () => number;
};

type Waiter = { proven: boolean; deadline: number; settle: (outcome: Release | 'expired') => void };

const MAX_TIMER_MS = 0x7fffffff;

/** A concurrency gate that one busy endpoint or many hanging ones cannot take for themselves. */
export function createLane({ capacity, unprovenShare = 0.5, now = Date.now }: LaneOptions): Lane {
  if (!Number.isInteger(capacity) || capacity < 1) throw new TypeError('a lane needs at least one slot');
  const unprovenCapacity = Math.ceil(capacity * unprovenShare);
  const turns = createTurns();
  let inUse = 0;
  let unprovenInUse = 0;

  const take = (proven: boolean): Release => {
    inUse += 1;
    if (!proven) unprovenInUse += 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      inUse -= 1;
      if (!proven) unprovenInUse -= 1;
      handOut();
    };
  };

  function handOut(): void {
    while (inUse < capacity) {
      const next = turns.next((waiter) => waiter.proven || unprovenInUse < unprovenCapacity);
      if (next === undefined) break;
      next.settle(take(next.proven));
    }
    expiry.arm(turns.earliestDeadline());
  }

  const expiry = createAlarm(now, () => {
    for (const waiter of turns.expired(now())) waiter.settle('expired');
    handOut();
  });

  function acquire({ key, proven, deadline, signal }: LaneRequest): Promise<Release | 'expired'> {
    if (signal?.aborted || deadline <= now()) return Promise.resolve('expired');
    return new Promise((resolve) => {
      const giveUp = () => {
        turns.remove(key, waiter);
        waiter.settle('expired');
        handOut();
      };
      const settle = (outcome: Release | 'expired') => {
        signal?.removeEventListener('abort', giveUp);
        resolve(outcome);
      };
      const waiter: Waiter = { proven, deadline, settle };
      signal?.addEventListener('abort', giveUp);
      turns.add(key, waiter);
      handOut();
    });
  }

  return { acquire, inUse: () => inUse, waiting: () => turns.size() };
}

/** Waiters by key. A key that was served goes to the end of the round. */
function createTurns() {
  const queues = new Map<string, Waiter[]>();
  let size = 0;

  function remove(key: string, waiter: Waiter): void {
    const queue = queues.get(key) ?? [];
    const index = queue.indexOf(waiter);
    if (index === -1) return;
    queue.splice(index, 1);
    size -= 1;
    if (queue.length === 0) queues.delete(key);
  }

  return {
    size: () => size,
    remove,
    add(key: string, waiter: Waiter): void {
      const queue = queues.get(key);
      if (queue === undefined) queues.set(key, [waiter]);
      else queue.push(waiter);
      size += 1;
    },
    next(eligible: (waiter: Waiter) => boolean): Waiter | undefined {
      for (const [key, queue] of queues) {
        const waiter = queue.find(eligible);
        if (waiter === undefined) continue;
        remove(key, waiter);
        if (queues.delete(key)) queues.set(key, queue);
        return waiter;
      }
      return undefined;
    },
    expired(time: number): Waiter[] {
      const all = [...queues].flatMap(([key, queue]) => queue.map((waiter) => ({ key, waiter })));
      const late = all.filter(({ waiter }) => waiter.deadline <= time);
      for (const { key, waiter } of late) remove(key, waiter);
      return late.map(({ waiter }) => waiter);
    },
    earliestDeadline: () =>
      [...queues.values()].flat().reduce((least, { deadline }) => Math.min(least, deadline), Infinity),
  };
}

/** One timer for all waiters: set for the earliest deadline, cleared when nobody waits. */
function createAlarm(now: () => number, ring: () => void) {
  let timer: NodeJS.Timeout | undefined;
  let setFor = Infinity;
  return {
    arm(time: number): void {
      if (time === setFor) return;
      clearTimeout(timer);
      setFor = time;
      timer = time === Infinity ? undefined : setTimeout(fire, Math.min(Math.max(time - now(), 0), MAX_TIMER_MS));
    },
  };
  function fire(): void {
    setFor = Infinity;
    ring();
  }
}
