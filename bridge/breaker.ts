export interface Breaker {
  /** Call it when PostgreSQL or Temporal is unavailable: admission pauses. */
  readonly open: () => void;
  /** Call it after a message was processed. */
  readonly close: () => void;
  /** While it is open, messages are pulled and processed one at a time, as probes. */
  readonly isOpen: () => boolean;
  /** Resolves at once while closed; while open, when the pause has ended or `signal` aborts. */
  readonly waitUntilReady: (signal: AbortSignal) => Promise<void>;
}

const MIN_PAUSE_MS = 250;
const MAX_PAUSE_MS = 5_000;

/**
 * Circuit breaker. It keeps messages in the stream while PostgreSQL or Temporal is unavailable; otherwise each try would count as
 * a delivery of the message. The pause doubles from 250 ms to 5 s.
 */
export function createBreaker(now: () => number): Breaker {
  let pauseMs = MIN_PAUSE_MS;
  let openUntilMs: number | undefined;
  const remainingMs = () => (openUntilMs ?? 0) - now();
  return {
    open: () => {
      // The messages of one micro-batch fail together. They lengthen the pause once.
      if (openUntilMs !== undefined && openUntilMs > now()) return;
      openUntilMs = now() + pauseMs;
      pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS);
    },
    close: () => {
      openUntilMs = undefined;
      pauseMs = MIN_PAUSE_MS;
    },
    isOpen: () => openUntilMs !== undefined,
    waitUntilReady: async (signal) => {
      // The pause may be lengthened during the wait.
      while (!signal.aborted && remainingMs() > 0) await abortableDelay(remainingMs(), signal);
    },
  };
}

/** Resolves after `ms` milliseconds or when the signal aborts, whichever comes first. */
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
