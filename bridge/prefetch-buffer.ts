import type { DecodeResult } from './decode-message.js';
import type { PulledMessage } from './pulled-message.js';
import { endOnAbort, waitUntil, type Watchers } from './wait-until.js';

/** A pulled message that is not admitted yet. */
export interface BufferedMessage {
  readonly pulled: PulledMessage;
  readonly decoded: DecodeResult;
}

/**
 * Holds pulled messages until they are admitted. The stream is first in, first out; the buffer serves accounts round robin. So a
 * burst of one account delays the others only if it is larger than the buffer.
 */
export interface PrefetchBuffer {
  readonly put: (message: BufferedMessage) => void;
  /** Removes and returns up to `count` messages, round robin over the accounts. */
  readonly take: (count: number) => BufferedMessage[];
  readonly size: () => number;
  /** How many more messages may be pulled. */
  readonly freeMessages: () => number;
  /** Resolves when there is enough room for a pull, or when `signal` aborts. */
  readonly waitForRoom: (signal: AbortSignal) => Promise<void>;
  /** Resolves when the buffer holds a message, or when `signal` aborts. */
  readonly waitForMessage: (signal: AbortSignal) => Promise<void>;
  /** Restarts `ack_wait` for all buffered messages. Call it in intervals shorter than `ack_wait`. */
  readonly extendAckWaits: () => void;
  /** Returns all messages to the stream. Other processes get them at once. */
  readonly returnAll: () => void;
}

export interface PrefetchBufferOptions {
  /** Messages. */
  readonly capacity: number;
  /** Bytes of message bodies. When they are reached, nothing is pulled until there are fewer. */
  readonly maxBytes?: number;
}

/** A pull waits until a quarter of the buffer is free, because many small pulls cost more than one. */
const MIN_PULLS_PER_BUFFER = 4;

export function createPrefetchBuffer({ capacity, maxBytes = 64 * 1024 * 1024 }: PrefetchBufferOptions): PrefetchBuffer {
  const queues = createAccountQueues();
  const watchers: Watchers = new Set();
  let bytes = 0;

  function changeBytes(by: number): void {
    bytes += by;
    for (const watcher of [...watchers]) watcher();
  }

  function put(message: BufferedMessage): void {
    if (queues.put(message)) changeBytes(message.pulled.data.length);
  }

  function take(count: number): BufferedMessage[] {
    const taken: BufferedMessage[] = [];
    while (taken.length < count) {
      const message = queues.takeNext();
      if (message === undefined) break;
      taken.push(message);
      changeBytes(-message.pulled.data.length);
    }
    return taken;
  }

  const freeMessages = () => (bytes >= maxBytes ? 0 : Math.max(0, capacity - queues.size()));
  return {
    put,
    take,
    size: queues.size,
    freeMessages,
    waitForRoom: (signal) =>
      waitUntil(
        watchers,
        () => freeMessages() >= capacity / MIN_PULLS_PER_BUFFER || signal.aborted,
        endOnAbort(signal),
      ),
    waitForMessage: (signal) => waitUntil(watchers, () => queues.size() > 0 || signal.aborted, endOnAbort(signal)),
    extendAckWaits: () => queues.listAll().forEach(({ pulled }) => pulled.extendAckWait()),
    returnAll: () => take(queues.size()).forEach(({ pulled }) => pulled.returnAfter(0)),
  };
}

/** One queue for each account, served round robin: a Map keeps insertion order, and a served account goes to its end. */
function createAccountQueues() {
  const queues = new Map<string, BufferedMessage[]>();
  let size = 0;

  /**
   * Adds a message. False for a message that is buffered already: it was redelivered, and replaces the earlier delivery because only
   * the last delivery can be acknowledged.
   */
  function put(message: BufferedMessage): boolean {
    const key = accountKey(message);
    const queue = queues.get(key) ?? [];
    const index = queue.findIndex(({ pulled }) => pulled.sequence === message.pulled.sequence);
    if (index !== -1) {
      queue[index] = message;
      return false;
    }
    queue.push(message);
    queues.set(key, queue);
    size += 1;
    return true;
  }

  function takeNext(): BufferedMessage | undefined {
    const [first] = queues;
    if (first === undefined) return undefined;
    const [key, queue] = first;
    const message = queue.shift();
    queues.delete(key);
    if (queue.length > 0) queues.set(key, queue);
    size -= 1;
    return message;
  }

  return { put, takeNext, size: () => size, listAll: () => [...queues.values()].flat() };
}

/** Undecodable messages have no account. They share one queue. */
const accountKey = ({ decoded }: BufferedMessage): string => (decoded.ok ? decoded.message.accountId : '');
