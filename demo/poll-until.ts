import { setTimeout as sleep } from 'node:timers/promises';

interface Patience {
  readonly withinMs: number;
  readonly signal: AbortSignal;
  readonly everyMs?: number;
}

/** Asks until it is true. False when the time is up, so that the summary tells what is missing; rejects when aborted. */
export async function pollUntil(ask: () => boolean | Promise<boolean>, patience: Patience): Promise<boolean> {
  const { withinMs, signal, everyMs = 50 } = patience;
  for (const deadline = Date.now() + withinMs; Date.now() < deadline; await sleep(everyMs, undefined, { signal })) {
    signal.throwIfAborted();
    if (await ask()) return true;
  }
  return false;
}
