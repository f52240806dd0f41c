import { type Consumer, ConsumerEvents, type ConsumerMessages, type NatsConnection } from 'nats';
import { abortableDelay, type Breaker } from '../breaker.js';
import { decodeMessage } from '../decode-message.js';
import { type ConnectionWatch, watchConnection } from './link.js';
import { toPulledMessage } from '../pulled-message.js';
import { isAborted } from '../wait-until.js';
import type { PrefetchBuffer } from '../prefetch-buffer.js';

export interface PullLoopDeps {
  readonly nats: NatsConnection;
  /** Looked up again after every failure: the consumer may have been created anew. */
  readonly getConsumer: () => Promise<Consumer>;
  readonly prefetchBuffer: Pick<PrefetchBuffer, 'put' | 'freeMessages' | 'waitForRoom'>;
  readonly breaker: Breaker;
  readonly expiresMs: number;
  readonly idleHeartbeatMs: number;
  /** Told of every fetch: readiness is "one ended without an error lately", as only that sees the stream behind a leaf node. */
  readonly reportFetch: (error: unknown) => void;
}

const MAX_BACKOFF_MS = 4_000;
/** A pull that is under way takes all its messages away from the other processes. */
const MAX_PULL = 100;

/** Pulls what the window has room for, until `stopping`; then lets the last pull run out and answers. */
export async function runPullLoop(deps: PullLoopDeps, stopping: AbortSignal): Promise<void> {
  const link = watchConnection(deps.nats);
  let failures = 0;
  let consumer: Consumer | undefined;
  while (!stopping.aborted) {
    await deps.breaker.waitUntilReady(stopping);
    await deps.prefetchBuffer.waitForRoom(stopping);
    await link.waitUntilConnected(stopping);
    if (isAborted(stopping)) break;
    try {
      consumer ??= await deps.getConsumer();
      const places = deps.breaker.isOpen() ? 1 : Math.min(MAX_PULL, deps.prefetchBuffer.freeMessages());
      await pullOnce(deps, { link, consumer, places });
      failures = 0;
      deps.reportFetch(undefined);
    } catch (error) {
      deps.reportFetch(error);
      consumer = undefined;
      failures += 1;
      await abortableDelay(Math.min(250 * 2 ** failures, MAX_BACKOFF_MS), stopping);
    }
  }
}

interface Pull {
  readonly link: ConnectionWatch;
  readonly consumer: Consumer;
  readonly places: number;
}

/**
 * A pull is never given up early: the server would go on delivering into it. Nothing waits for it to fill.
 * @throws when the connection or the server's heartbeat was lost on the way.
 */
async function pullOnce(deps: PullLoopDeps, { link, consumer, places }: Pull): Promise<void> {
  const { expiresMs: expires, idleHeartbeatMs: idle_heartbeat } = deps;
  const messages = await consumer.fetch({ max_messages: places, expires, idle_heartbeat });
  const watched = closeWhenLost(link, messages);
  try {
    for await (const message of messages) {
      const pulled = toPulledMessage(deps.nats, message);
      deps.prefetchBuffer.put({ pulled, decoded: decodeMessage(pulled.data) });
    }
  } finally {
    watched.forget();
  }
  if (watched.lost()) throw new Error('a pull was lost');
}

/**
 * Left alone, the library asks again for all the messages when the link is back, once for every sign of it, and reads only as
 * many as it asked for first: the others would lie unread until `ack_wait` is over.
 */
function closeWhenLost(link: ConnectionWatch, messages: ConsumerMessages): { lost: () => boolean; forget: () => void } {
  let lost = false;
  const end = () => {
    lost = true;
    void messages.close();
  };
  const watchHeartbeats = async () => {
    for await (const { type } of await messages.status()) if (type === ConsumerEvents.HeartbeatsMissed) end();
  };
  void watchHeartbeats();
  return { lost: () => lost, forget: link.onDisconnect(end) };
}
