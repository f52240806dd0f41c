/** Functions to call after every change. */
export type Watchers = Set<() => void>;

/** Reads the signal again. Without this function the compiler assumes that `aborted` is unchanged since the last check. */
export const isAborted = (signal: AbortSignal): boolean => signal.aborted;

/** Ends a wait when the signal aborts. */
export const endOnAbort = (signal: AbortSignal) => (end: () => void) => {
  signal.addEventListener('abort', end);
  return () => signal.removeEventListener('abort', end);
};

/** Ends a wait after so many milliseconds. */
export const endAfterMs = (ms: number) => (end: () => void) => {
  const timer = setTimeout(end, ms);
  return () => clearTimeout(timer);
};

/** Resolves once `condition` holds. `arm` may end the wait earlier; it returns the function that disarms it. */
export function waitUntil(
  watchers: Watchers,
  condition: () => boolean,
  arm: (end: () => void) => () => void,
): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      watchers.delete(watcher);
      disarm();
      resolve();
    };
    const watcher = () => {
      if (condition()) end();
    };
    watchers.add(watcher);
    const disarm = arm(end);
    watcher();
  });
}
