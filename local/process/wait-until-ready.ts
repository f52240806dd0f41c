import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from './start-child.js';

export interface Readiness {
  readonly name: string;
  readonly child: Child;
  /** Sends a request to the server. Any rejection means "not ready yet". */
  readonly probe: () => Promise<unknown>;
  /** Milliseconds after which the child is ended. Default 30,000. */
  readonly deadlineMs?: number;
}

/**
 * Resolves when the probe has succeeded once. If the child ends or the deadline passes, ends the child and rejects with
 * its last lines.
 */
export const waitUntilReady = async ({ name, child, probe, deadlineMs = 30_000 }: Readiness): Promise<void> => {
  const deadline = Date.now() + deadlineMs;
  let last = '';
  while (Date.now() < deadline) {
    const ended = child.ended();
    if (ended !== undefined) throw new Error(`${name} ended before it answered (${ended})\n${child.tail()}`);
    try {
      await probe();
      return;
    } catch (error) {
      last = String(error);
      await sleep(50);
    }
  }
  const tail = child.tail();
  await child.stop();
  throw new Error(`${name} did not answer within ${deadlineMs} ms: ${last}\n${tail}`);
};
