import { setTimeout as sleep } from 'node:timers/promises';

interface PollOptions {
  readonly withinMs: number;
  readonly signal: AbortSignal;
  readonly everyMs?: number;
}

/**
 * Polls until the condition is true. Resolves with false after `withinMs`, so that the summary can list the difference.
 * Rejects when aborted.
 */
export async function pollUntil(isDone: () => boolean | Promise<boolean>, options: PollOptions): Promise<boolean> {
  const { withinMs, signal, everyMs = 50 } = options;
  const deadline = Date.now() + withinMs;
  while (Date.now() < deadline) {
    signal.throwIfAborted();
    if (await isDone()) return true;
    await sleep(everyMs, undefined, { signal });
  }
  return false;
}
