import type { DecodeResult } from './decode-message.js';
import type { PulledMessage } from './pulled-message.js';
import { endOnAbort, waitUntil, type Watchers } from './wait-until.js';

/** A message that has arrived and is not begun yet. */
export interface BufferedMessage {
  readonly pulled: PulledMessage;
  readonly decoded: DecodeResult;
}

/**
 * Messages that were pulled before there is a place for them. The stream is first in, first out; here accounts take turns, so
 * that a burst of one hides the others only where it is larger than the window.
 */
export interface PrefetchBuffer {
  readonly put: (arrival: BufferedMessage) => void;
  /** Takes out up to `count`, of another account each time as long as others wait. */
  readonly take: (count: number) => BufferedMessage[];
  readonly size: () => number;
  /** How many more may be pulled. */
  readonly freeMessages: () => number;
  /** Resolves when enough room for a pull is free or `signal` aborts. */
  readonly waitForRoom: (signal: AbortSignal) => Promise<void>;
  /** Resolves when something is held or `signal` aborts. */
  readonly waitForMessage: (signal: AbortSignal) => Promise<void>;
  /** Tells the server that none of the held is lost: to be called more often than its `ack_wait` ends. */
  readonly extendAckWaits: () => void;
  /** Gives everything back to the stream, for others to take at once. */
  readonly returnAll: () => void;
}

export interface PrefetchBufferOptions {
  /** Messages. */
  readonly capacity: number;
  /** Of message bodies; reached, nothing more is pulled until it is less. */
  readonly maxBytes?: number;
}

/** Part of the window that has to be free for the next pull: many small pulls cost more than they bring. */
const PULL_SHARE = 4;

export function createPrefetchBuffer({ capacity, maxBytes = 64 * 1024 * 1024 }: PrefetchBufferOptions): PrefetchBuffer {
  const queues = createAccountQueues();
  const watchers: Watchers = new Set();
  let bytes = 0;

  function changed(by: number): void {
    bytes += by;
    for (const watcher of [...watchers]) watcher();
  }

  function put(arrival: BufferedMessage): void {
    if (queues.put(arrival)) changed(arrival.pulled.data.length);
  }

  function take(count: number): BufferedMessage[] {
    const taken: BufferedMessage[] = [];
    for (let next; taken.length < count && (next = queues.next()) !== undefined;) {
      taken.push(next);
      changed(-next.pulled.data.length);
    }
    return taken;
  }

  const freeMessages = () => (bytes >= maxBytes ? 0 : Math.max(0, capacity - queues.held()));
  return {
    put,
    take,
    size: queues.held,
    freeMessages,
    waitForRoom: (signal) =>
      waitUntil(watchers, () => freeMessages() >= capacity / PULL_SHARE || signal.aborted, endOnAbort(signal)),
    waitForMessage: (signal) => waitUntil(watchers, () => queues.held() > 0 || signal.aborted, endOnAbort(signal)),
    extendAckWaits: () => queues.everybody().forEach(({ pulled }) => pulled.extendAckWait()),
    returnAll: () => take(queues.held()).forEach(({ pulled }) => pulled.returnAfter(0)),
  };
}

/** Served round robin: a Map keeps insertion order, and an account that was served goes to its end. */
function createAccountQueues() {
  const queues = new Map<string, BufferedMessage[]>();
  let held = 0;

  /** False for a message that was handed out again while it waited: only the later hand-out can be acknowledged. */
  function put(arrival: BufferedMessage): boolean {
    const queue = queues.get(accountKey(arrival)) ?? [];
    const same = queue.findIndex(({ pulled }) => pulled.sequence === arrival.pulled.sequence);
    if (same !== -1) {
      queue[same] = arrival;
      return false;
    }
    queue.push(arrival);
    queues.set(accountKey(arrival), queue);
    held += 1;
    return true;
  }

  function next(): BufferedMessage | undefined {
    const [turn] = queues;
    if (turn === undefined) return undefined;
    const [key, queue] = turn;
    const arrival = queue.shift();
    queues.delete(key);
    if (queue.length > 0) queues.set(key, queue);
    held -= 1;
    return arrival;
  }

  return { put, next, held: () => held, everybody: () => [...queues.values()].flat() };
}

/** What cannot be read has no account, and waits its turn all the same. */
const accountKey = ({ decoded }: BufferedMessage): string => (decoded.ok ? decoded.message.accountId : '');
