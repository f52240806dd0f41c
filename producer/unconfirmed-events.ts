/** Events between being emitted and being answered for by the stream. */
export interface UnconfirmedEvents {
  readonly isFull: () => boolean;
  readonly add: () => void;
  /** So many of them are answered for when `answered` settles, however it does. `count` is asked then. */
  readonly removeAfter: (answered: Promise<void>, count: () => number) => void;
  /** Resolves when there is room. */
  readonly waitForRoom: () => Promise<void>;
  /** Resolves when all that are pending now are answered for. */
  readonly waitForAll: () => Promise<void>;
}

export function createUnconfirmedEvents(max: number): UnconfirmedEvents {
  const unanswered = new Set<Promise<void>>();
  let watchers: (() => void)[] = [];
  let pending = 0;

  function leave(count: number): void {
    pending -= count;
    if (pending >= max) return;
    const woken = watchers;
    watchers = [];
    for (const wake of woken) wake();
  }
  return {
    isFull: () => pending >= max,
    add: () => void (pending += 1),
    removeAfter: (answered, count) => {
      const over: Promise<void> = answered
        .catch(() => undefined)
        .then(() => {
          unanswered.delete(over);
          leave(count());
        });
      unanswered.add(over);
    },
    waitForRoom: () => (pending < max ? Promise.resolve() : new Promise((resolve) => watchers.push(resolve))),
    waitForAll: async () => {
      await Promise.all(unanswered);
    },
  };
}
