/** Events between being emitted and being answered for by the stream. */
export interface Pending {
  full: () => boolean;
  add: () => void;
  /** So many of them are answered for when `answered` settles, however it does. `count` is asked then. */
  until: (answered: Promise<void>, count: () => number) => void;
  /** Resolves when there is room. */
  room: () => Promise<void>;
  /** Resolves when all that are pending now are answered for. */
  over: () => Promise<void>;
}

export function createPending(max: number): Pending {
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
    full: () => pending >= max,
    add: () => void (pending += 1),
    until: (answered, count) => {
      const over: Promise<void> = answered
        .catch(() => undefined)
        .then(() => {
          unanswered.delete(over);
          leave(count());
        });
      unanswered.add(over);
    },
    room: () => (pending < max ? Promise.resolve() : new Promise((resolve) => watchers.push(resolve))),
    over: async () => {
      await Promise.all(unanswered);
    },
  };
}
