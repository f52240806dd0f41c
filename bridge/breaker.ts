export interface Breaker {
  /** Something that every message needs is away: stop pulling for a while. */
  readonly open: () => void;
  /** It is back. */
  readonly close: () => void;
  /** While it is open a pull is a single message: a probe. */
  readonly isOpen: () => boolean;
  /** Resolves when the next pull may be tried: at once while closed, else after the pause (or when `signal` aborts). */
  readonly waitUntilReady: (signal: AbortSignal) => Promise<void>;
}

const MIN_PAUSE_MS = 250;
const MAX_PAUSE_MS = 5_000;

/** Keeps messages in the stream while PostgreSQL or Temporal is away, instead of burning their deliveries. */
export function createBreaker(now: () => number): Breaker {
  let pauseMs = MIN_PAUSE_MS;
  let openUntil: number | undefined;
  return {
    open: () => {
      // The messages of one micro-batch fail together: they open it once.
      if (openUntil !== undefined && openUntil > now()) return;
      openUntil = now() + pauseMs;
      pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS);
    },
    close: () => {
      openUntil = undefined;
      pauseMs = MIN_PAUSE_MS;
    },
    isOpen: () => openUntil !== undefined,
    waitUntilReady: async (signal) => {
      for (let left = (openUntil ?? 0) - now(); left > 0 && !signal.aborted; left = (openUntil ?? 0) - now())
        await abortableDelay(left, signal);
    },
  };
}

/** Resolves after `ms` milliseconds or when the signal aborts, whichever is first. */
export function abortableDelay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
