import { setTimeout as sleep } from 'node:timers/promises';

/** Repeats the question until its result is neither undefined nor false. Rejects with the last failure after `withinMs` milliseconds. */
export async function eventually<T>(ask: () => Promise<T | undefined | false>, withinMs = 15_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  let last: unknown = 'no answer';
  while (Date.now() < deadline) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      last = error;
    }
    await sleep(50);
  }
  throw new Error(`not within ${withinMs} ms: ${String(last)}`);
}
