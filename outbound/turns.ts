export type Waiter = { key: string; proven: boolean; deadline: number };

export type Turns<W extends Waiter> = {
  add: (waiter: W) => void;
  /** Harmless for a waiter that is not there any more. */
  remove: (waiter: W) => void;
  /** Takes out the next eligible waiter, a different key every time as long as others wait. */
  next: (eligible: (waiter: W) => boolean) => W | undefined;
  /** Takes out everybody whose deadline has come. */
  expired: (time: number) => W[];
  /** Infinity when nobody waits. */
  earliestDeadline: () => number;
  size: () => number;
};

/** Waiters queued by key and served round robin: a Map keeps insertion order, and a served key goes to its end. */
export function createTurns<W extends Waiter>(): Turns<W> {
  const queues = new Map<string, W[]>();
  const everybody = () => [...queues.values()].flat();
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

  function next(eligible: (waiter: W) => boolean): W | undefined {
    for (const [key, queue] of queues) {
      const waiter = queue.find(eligible);
      if (waiter === undefined) continue;
      remove(waiter);
      if (queues.delete(key)) queues.set(key, queue);
      return waiter;
    }
    return undefined;
  }

  function expired(time: number): W[] {
    const late = everybody().filter(({ deadline }) => deadline <= time);
    late.forEach(remove);
    return late;
  }

  const earliestDeadline = () => everybody().reduce((least, { deadline }) => Math.min(least, deadline), Infinity);
  return { add, remove, next, expired, earliestDeadline, size: () => size };
}
