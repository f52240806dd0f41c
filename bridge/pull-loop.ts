import type { Consumer, NatsConnection } from 'nats';
import type { Admission } from './admission.js';
import { abortableDelay, type Breaker } from './breaker.js';
import { pulledMessage, type PulledMessage } from './pulled-message.js';

export interface PullLoopDeps {
  nats: NatsConnection;
  /** Looked up again after every failure: the consumer may have been created anew. */
  consumer: () => Promise<Consumer>;
  admission: Admission;
  breaker: Breaker;
  handle: (messages: readonly PulledMessage[]) => Promise<void>;
  expiresMs: number;
  idleHeartbeatMs: number;
  /** Told of every fetch: readiness is "one ended without an error lately", as only that sees the stream behind a leaf node. */
  fetched: (error: unknown) => void;
}

const MAX_BACKOFF_MS = 4_000;

/** Pulls as many messages as there are places, until `stopping`; then lets the last pull run out and answers. */
export async function pullLoop(deps: PullLoopDeps, stopping: AbortSignal): Promise<void> {
  let failures = 0;
  let consumer: Consumer | undefined;
  while (!stopping.aborted) {
    await deps.breaker.ready(stopping);
    await deps.admission.placeFree(stopping);
    if (isAborted(stopping)) break;
    try {
      consumer ??= await deps.consumer();
      await pullOnce(deps, consumer, deps.breaker.isOpen() ? 1 : deps.admission.free());
      failures = 0;
      deps.fetched(undefined);
    } catch (error) {
      deps.fetched(error);
      consumer = undefined;
      failures += 1;
      await abortableDelay(Math.min(250 * 2 ** failures, MAX_BACKOFF_MS), stopping);
    }
  }
}

/** The compiler believes that a signal stays as it was when it was last asked. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;

/**
 * A pull is never given up early: the server would go on delivering into it. What arrives in the same tick is handled
 * together; nothing waits for a batch to fill.
 */
async function pullOnce(deps: PullLoopDeps, consumer: Consumer, places: number): Promise<void> {
  const { expiresMs: expires, idleHeartbeatMs: idle_heartbeat } = deps;
  const messages = await consumer.fetch({ max_messages: places, expires, idle_heartbeat });
  let arrived: PulledMessage[] = [];
  for await (const message of messages) {
    deps.admission.enter();
    arrived.push(pulledMessage(deps.nats, message));
    if (arrived.length > 1) continue;
    setImmediate(() => {
      const batch = arrived;
      arrived = [];
      void deps.handle(batch);
    });
  }
}
