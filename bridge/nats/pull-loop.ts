import { type Consumer, ConsumerEvents, type ConsumerMessages, type NatsConnection } from 'nats';
import { abortableDelay, type Breaker } from '../breaker.js';
import { decodeMessage } from '../decode-message.js';
import type { PrefetchBuffer } from '../prefetch-buffer.js';
import { isAborted } from '../wait-until.js';
import { toPulledMessage } from './to-pulled-message.js';
import { type ConnectionWatch, watchConnection } from './watch-connection.js';

export interface PullLoopDeps {
  readonly nats: NatsConnection;
  /** Called again after every failure, because the consumer may have been deleted and created again. */
  readonly getConsumer: () => Promise<Consumer>;
  readonly prefetchBuffer: Pick<PrefetchBuffer, 'put' | 'freeMessages' | 'waitForRoom'>;
  readonly breaker: Breaker;
  readonly expiresMs: number;
  readonly idleHeartbeatMs: number;
  /**
   * Called after every fetch; `undefined` means it ended without an error. Readiness depends on it: only a fetch reaches the
   * stream behind a leaf node.
   */
  readonly reportFetch: (error: unknown) => void;
}

const MAX_BACKOFF_MS = 4_000;
/** Messages of a running pull are not available to other processes. */
const MAX_PULL = 100;

/** Pulls as many messages as the prefetch buffer has room for, until `stopping` aborts. Resolves after the last pull has ended. */
export async function runPullLoop(deps: PullLoopDeps, stopping: AbortSignal): Promise<void> {
  const connection = watchConnection(deps.nats);
  let failures = 0;
  let consumer: Consumer | undefined;
  while (!stopping.aborted) {
    await deps.breaker.waitUntilReady(stopping);
    await deps.prefetchBuffer.waitForRoom(stopping);
    await connection.waitUntilConnected(stopping);
    if (isAborted(stopping)) break;
    try {
      consumer ??= await deps.getConsumer();
      const maxMessages = deps.breaker.isOpen() ? 1 : Math.min(MAX_PULL, deps.prefetchBuffer.freeMessages());
      await pullOnce(deps, { connection, consumer, maxMessages });
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
  readonly connection: ConnectionWatch;
  readonly consumer: Consumer;
  readonly maxMessages: number;
}

/**
 * Puts messages into the buffer as they arrive and returns when the pull expires or is full. It never ends a pull early, because
 * the server would continue to deliver into it.
 * @throws Error if the connection or the server's heartbeat was lost during the pull.
 */
async function pullOnce(deps: PullLoopDeps, { connection, consumer, maxMessages }: Pull): Promise<void> {
  const { expiresMs: expires, idleHeartbeatMs: idle_heartbeat } = deps;
  const messages = await consumer.fetch({ max_messages: maxMessages, expires, idle_heartbeat });
  const lossWatch = closeWhenLost(connection, messages);
  try {
    for await (const message of messages) {
      const pulled = toPulledMessage(deps.nats, message);
      deps.prefetchBuffer.put({ pulled, decoded: decodeMessage(pulled.data) });
    }
  } finally {
    lossWatch.stop();
  }
  if (lossWatch.isLost()) throw new Error('a pull was lost');
}

interface LossWatch {
  readonly isLost: () => boolean;
  readonly stop: () => void;
}

/**
 * Closes a pull when its connection is lost. Otherwise the library repeats the request for all messages after each sign of a
 * reconnect, but reads only the number of the first request. The other messages would lie unread until `ack_wait` ends.
 */
function closeWhenLost(connection: ConnectionWatch, messages: ConsumerMessages): LossWatch {
  let lost = false;
  const close = () => {
    lost = true;
    void messages.close();
  };
  const watchHeartbeats = async () => {
    for await (const { type } of await messages.status()) if (type === ConsumerEvents.HeartbeatsMissed) close();
  };
  void watchHeartbeats();
  return { isLost: () => lost, stop: connection.onDisconnect(close) };
}
