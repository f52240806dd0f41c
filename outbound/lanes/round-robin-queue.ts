export interface Waiter {
  readonly key: string;
  readonly deadlineMs: number;
}

export interface RoundRobinQueue<W extends Waiter> {
  readonly add: (waiter: W) => void;
  /** Does nothing for a waiter that is not in the queue. */
  readonly remove: (waiter: W) => void;
  /** Removes and returns the next waiter with an eligible key, round robin over the keys. */
  readonly next: (isEligible: (key: string) => boolean) => W | undefined;
  readonly waitingFor: (key: string) => readonly W[];
  /** Removes and returns all waiters whose deadline is not after `timeMs`. */
  readonly takeExpired: (timeMs: number) => W[];
  /** Milliseconds since 1970; Infinity if the queue is empty. */
  readonly earliestDeadline: () => number;
  readonly size: () => number;
}

/** Queues waiters by key and serves the keys round robin: a Map keeps insertion order, and a served key goes to its end. */
export function createRoundRobinQueue<W extends Waiter>(): RoundRobinQueue<W> {
  const queues = new Map<string, W[]>();
  const listWaiters = () => [...queues.values()].flat();
  let size = 0;

  function add(waiter: W): void {
    const queue = queues.get(waiter.key);
    if (queue === undefined) queues.set(waiter.key, [waiter]);
    else queue.push(waiter);
    size += 1;
  }

  function remove(waiter: W): void {
    const queue = queues.get(waiter.key) ?? [];
    const index = queue.indexOf(waiter);
    if (index === -1) return;
    queue.splice(index, 1);
    size -= 1;
    if (queue.length === 0) queues.delete(waiter.key);
  }

  function next(isEligible: (key: string) => boolean): W | undefined {
    for (const [key, queue] of queues) {
      const [waiter] = queue;
      if (waiter === undefined || !isEligible(key)) continue;
      remove(waiter);
      if (queues.delete(key)) queues.set(key, queue);
      return waiter;
    }
    return undefined;
  }

  function takeExpired(timeMs: number): W[] {
    const expired = listWaiters().filter(({ deadlineMs }) => deadlineMs <= timeMs);
    expired.forEach(remove);
    return expired;
  }

  const earliestDeadline = () =>
    listWaiters().reduce((earliestMs, { deadlineMs }) => Math.min(earliestMs, deadlineMs), Infinity);
  const waitingFor = (key: string) => queues.get(key) ?? [];
  return { add, remove, next, waitingFor, takeExpired, earliestDeadline, size: () => size };
}
