import { setImmediate } from 'node:timers/promises';
import type { Admission } from './admission.js';
import type { Breaker } from './breaker.js';
import { isAborted } from './wait-until.js';
import type { BufferedMessage, PrefetchBuffer } from './prefetch-buffer.js';

export interface AdmissionLoopDeps {
  readonly prefetchBuffer: Pick<PrefetchBuffer, 'take' | 'waitForMessage'>;
  readonly admission: Admission;
  readonly breaker: Breaker;
  /** Calls `recorded` when the next micro-batch may be written. Never rejects. */
  readonly handleMessages: (batch: readonly BufferedMessage[], recorded: () => void) => Promise<void>;
}

/**
 * Begins what was pulled, as there is room, until `stopping`. What arrives or becomes free while a micro-batch is being
 * written is the next one: alone a message waits for nobody, and under load one statement writes many.
 */
export async function runAdmissionLoop(deps: AdmissionLoopDeps, stopping: AbortSignal): Promise<void> {
  const { prefetchBuffer, admission, breaker } = deps;
  while (!stopping.aborted) {
    await breaker.waitUntilReady(stopping);
    await prefetchBuffer.waitForMessage(stopping);
    await admission.waitForRoom(stopping);
    await setImmediate();
    if (isAborted(stopping)) break;
    const probing = breaker.isOpen();
    await handleBatch(deps, takeWhileRoom(deps, probing ? 1 : Infinity), probing);
  }
}

/** The next messages, up to `count`, as long as there is room. */
function takeWhileRoom({ prefetchBuffer: window, admission }: AdmissionLoopDeps, count: number): BufferedMessage[] {
  const batch: BufferedMessage[] = [];
  while (batch.length < count && admission.hasRoom()) {
    const [arrival] = window.take(1);
    if (arrival === undefined) break;
    admission.enter(arrival.pulled, countEvents(arrival));
    batch.push(arrival);
  }
  return batch;
}

/** How many endpoints each event has is known when it is recorded. */
const countEvents = ({ decoded }: BufferedMessage): number => (decoded.ok ? decoded.message.events.length : 1);

/** While something is away, one message at a time finds out whether it is back. */
async function handleBatch(
  { handleMessages }: AdmissionLoopDeps,
  batch: readonly BufferedMessage[],
  probing: boolean,
): Promise<void> {
  if (batch.length === 0) return;
  let handled = Promise.resolve();
  await new Promise<void>((resolve) => {
    handled = handleMessages(batch, resolve);
  });
  if (probing) await handled;
}
