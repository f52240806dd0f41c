import { setImmediate } from 'node:timers/promises';
import type { Admission } from './admission.js';
import type { Breaker } from './breaker.js';
import { isAborted } from './wait-until.js';
import type { Arrival, Window } from './prefetch-buffer.js';

export interface AdmitLoopDeps {
  window: Pick<Window, 'take' | 'filled'>;
  admission: Admission;
  breaker: Breaker;
  /** Calls `recorded` when the next micro-batch may be written. Never rejects. */
  handle: (batch: readonly Arrival[], recorded: () => void) => Promise<void>;
}

/**
 * Begins what was pulled, as there is room, until `stopping`. What arrives or becomes free while a micro-batch is being
 * written is the next one: alone a message waits for nobody, and under load one statement writes many.
 */
export async function admitLoop(deps: AdmitLoopDeps, stopping: AbortSignal): Promise<void> {
  const { window, admission, breaker } = deps;
  while (!stopping.aborted) {
    await breaker.ready(stopping);
    await window.filled(stopping);
    await admission.roomFree(stopping);
    await setImmediate();
    if (isAborted(stopping)) break;
    const probing = breaker.isOpen();
    await begun(deps, admitted(deps, probing ? 1 : Infinity), probing);
  }
}

/** The next messages, up to `count`, as long as there is room. */
function admitted({ window, admission }: AdmitLoopDeps, count: number): Arrival[] {
  const batch: Arrival[] = [];
  while (batch.length < count && admission.hasRoom()) {
    const [arrival] = window.take(1);
    if (arrival === undefined) break;
    admission.enter(arrival.pulled, eventsOf(arrival));
    batch.push(arrival);
  }
  return batch;
}

/** How many endpoints each event has is known when it is recorded. */
const eventsOf = ({ decoded }: Arrival): number => (decoded.ok ? decoded.message.events.length : 1);

/** While something is away, one message at a time finds out whether it is back. */
async function begun({ handle }: AdmitLoopDeps, batch: readonly Arrival[], probing: boolean): Promise<void> {
  if (batch.length === 0) return;
  let handled = Promise.resolve();
  await new Promise<void>((resolve) => {
    handled = handle(batch, resolve);
  });
  if (probing) await handled;
}
