/** Counts the events that were emitted and that the stream has neither confirmed nor failed to confirm. */
export interface UnconfirmedEvents {
  readonly isFull: () => boolean;
  readonly add: () => void;
  /** Removes `count()` events when `stored` resolves or rejects; `count` is called then. */
  readonly removeAfter: (stored: Promise<void>, count: () => number) => void;
  /** Resolves when there is room. */
  readonly waitForRoom: () => Promise<void>;
  /** Resolves when the events that are counted now have been removed. */
  readonly waitForAll: () => Promise<void>;
}

export function createUnconfirmedEvents(max: number): UnconfirmedEvents {
  const unconfirmed = new Set<Promise<void>>();
  let waiters: (() => void)[] = [];
  let pending = 0;

  function remove(count: number): void {
    pending -= count;
    if (pending >= max) return;
    const resolvers = waiters;
    waiters = [];
    for (const resolve of resolvers) resolve();
  }
  return {
    isFull: () => pending >= max,
    add: () => void (pending += 1),
    removeAfter: (stored, count) => {
      const removed: Promise<void> = stored
        .catch(() => undefined)
        .then(() => {
          unconfirmed.delete(removed);
          remove(count());
        });
      unconfirmed.add(removed);
    },
    waitForRoom: () => (pending < max ? Promise.resolve() : new Promise((resolve) => waiters.push(resolve))),
    waitForAll: async () => {
      await Promise.all(unconfirmed);
    },
  };
}
