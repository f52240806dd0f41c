export interface Waiter {
  readonly key: string;
  readonly deadlineMs: number;
}

export interface RoundRobinQueue<W extends Waiter> {
  readonly add: (waiter: W) => void;
  /** Harmless for a waiter that is not there any more. */
  readonly remove: (waiter: W) => void;
  /** Takes out the next waiter of an eligible key, a different key every time as long as others wait. */
  readonly next: (eligible: (key: string) => boolean) => W | undefined;
  readonly waitingFor: (key: string) => readonly W[];
  /** Takes out everybody whose deadline has come. */
  readonly expired: (time: number) => W[];
  /** Infinity when nobody waits. */
  readonly earliestDeadline: () => number;
  readonly size: () => number;
}

/** Waiters queued by key and served round robin: a Map keeps insertion order, and a served key goes to its end. */
export function createRoundRobinQueue<W extends Waiter>(): RoundRobinQueue<W> {
  const queues = new Map<string, W[]>();
  const allWaiters = () => [...queues.values()].flat();
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

  function next(eligible: (key: string) => boolean): W | undefined {
    for (const [key, queue] of queues) {
      const [waiter] = queue;
      if (waiter === undefined || !eligible(key)) continue;
      remove(waiter);
      if (queues.delete(key)) queues.set(key, queue);
      return waiter;
    }
    return undefined;
  }

  function expired(time: number): W[] {
    const late = allWaiters().filter(({ deadlineMs }) => deadlineMs <= time);
    late.forEach(remove);
    return late;
  }

  const earliestDeadline = () =>
    allWaiters().reduce((least, { deadlineMs: deadline }) => Math.min(least, deadline), Infinity);
  const waitingFor = (key: string) => queues.get(key) ?? [];
  return { add, remove, next, waitingFor, expired, earliestDeadline, size: () => size };
}
