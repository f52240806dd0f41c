export interface DelayLineOptions {
  readonly delayMs: number;
  /** Added to the delay of what comes in this time after the line was made: it waits until the line is up. */
  readonly firstMs: number;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/** Runs what it is given after the delay, in the order given. */
export function createDelayLine({ delayMs, firstMs, now }: DelayLineOptions): (work: () => unknown) => void {
  const upAt = now() + firstMs;
  const waiting: { readonly at: number; readonly work: () => unknown }[] = [];
  let timer: NodeJS.Timeout | undefined;

  function run(): void {
    timer = undefined;
    // Timers are whole milliseconds and may come a little early.
    while (waiting[0] !== undefined && waiting[0].at <= now() + 0.5) waiting.shift()?.work();
    if (waiting[0] !== undefined) timer = setTimeout(run, Math.max(1, waiting[0].at - now()));
  }

  return (work) => {
    waiting.push({ at: Math.max(now(), upAt) + delayMs, work });
    timer ??= setTimeout(run, delayMs);
  };
}
