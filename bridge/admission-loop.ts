import { setImmediate } from 'node:timers/promises';
import type { Admission } from './admission.js';
import type { Breaker } from './breaker.js';
import { isAborted } from './wait-until.js';
import type { BufferedMessage, PrefetchBuffer } from './prefetch-buffer.js';

export interface AdmissionLoopDeps {
  readonly prefetchBuffer: Pick<PrefetchBuffer, 'take' | 'waitForMessage'>;
  readonly admission: Admission;
  readonly breaker: Breaker;
  /** Calls `onRecorded` when the next micro-batch may be written. Never rejects. */
  readonly handleMessages: (batch: readonly BufferedMessage[], onRecorded: () => void) => Promise<void>;
}

/**
 * Admits buffered messages as far as there is room, until `stopping` aborts. Messages that arrive while a micro-batch is being
 * written form the next one. So a single message does not wait, and under load one statement writes many messages.
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

/** Takes up to `count` messages out of the buffer, as long as there is room. */
function takeWhileRoom({ prefetchBuffer, admission }: AdmissionLoopDeps, count: number): BufferedMessage[] {
  const batch: BufferedMessage[] = [];
  while (batch.length < count && admission.hasRoom()) {
    const [message] = prefetchBuffer.take(1);
    if (message === undefined) break;
    admission.enter(message.pulled, countEvents(message));
    batch.push(message);
  }
  return batch;
}

/** An estimate of the message's deliveries: the insert finds out how many endpoints each event has. */
const countEvents = ({ decoded }: BufferedMessage): number => (decoded.ok ? decoded.message.events.length : 1);

/** Resolves when the next batch may be admitted. While the breaker is open, each batch is one message and ends before the next. */
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
