import type { Decoded } from './decode-message.js';
import type { PulledMessage } from './pulled-message.js';
import { onAbort, until, type Watchers } from './wait-until.js';

/** A message that has arrived and is not begun yet. */
export interface Arrival {
  pulled: PulledMessage;
  decoded: Decoded;
}

/**
 * Messages that were pulled before there is a place for them. The stream is first in, first out; here accounts take turns, so
 * that a burst of one hides the others only where it is larger than the window.
 */
export interface Window {
  put: (arrival: Arrival) => void;
  /** Takes out up to `count`, of another account each time as long as others wait. */
  take: (count: number) => Arrival[];
  held: () => number;
  /** How many more may be pulled. */
  room: () => number;
  /** Resolves when enough room for a pull is free or `signal` aborts. */
  roomFree: (signal: AbortSignal) => Promise<void>;
  /** Resolves when something is held or `signal` aborts. */
  filled: (signal: AbortSignal) => Promise<void>;
  /** Tells the server that none of the held is lost: to be called more often than its `ack_wait` ends. */
  keep: () => void;
  /** Gives everything back to the stream, for others to take at once. */
  giveBack: () => void;
}

export interface WindowOptions {
  /** Messages. */
  capacity: number;
  /** Of message bodies; reached, nothing more is pulled until it is less. */
  maxBytes?: number;
}

/** Part of the window that has to be free for the next pull: many small pulls cost more than they bring. */
const PULL_SHARE = 4;

export function createWindow({ capacity, maxBytes = 64 * 1024 * 1024 }: WindowOptions): Window {
  const queues = createAccountQueues();
  const watchers: Watchers = new Set();
  let bytes = 0;

  function changed(by: number): void {
    bytes += by;
    for (const watcher of [...watchers]) watcher();
  }

  function put(arrival: Arrival): void {
    if (queues.put(arrival)) changed(arrival.pulled.data.length);
  }

  function take(count: number): Arrival[] {
    const taken: Arrival[] = [];
    for (let next; taken.length < count && (next = queues.next()) !== undefined;) {
      taken.push(next);
      changed(-next.pulled.data.length);
    }
    return taken;
  }

  const room = () => (bytes >= maxBytes ? 0 : Math.max(0, capacity - queues.held()));
  return {
    put,
    take,
    held: queues.held,
    room,
    roomFree: (signal) => until(watchers, () => room() >= capacity / PULL_SHARE || signal.aborted, onAbort(signal)),
    filled: (signal) => until(watchers, () => queues.held() > 0 || signal.aborted, onAbort(signal)),
    keep: () => queues.everybody().forEach(({ pulled }) => pulled.stillHeld()),
    giveBack: () => take(queues.held()).forEach(({ pulled }) => pulled.later(0)),
  };
}

/** Served round robin: a Map keeps insertion order, and an account that was served goes to its end. */
function createAccountQueues() {
  const queues = new Map<string, Arrival[]>();
  let held = 0;

  /** False for a message that was handed out again while it waited: only the later hand-out can be acknowledged. */
  function put(arrival: Arrival): boolean {
    const queue = queues.get(keyOf(arrival)) ?? [];
    const same = queue.findIndex(({ pulled }) => pulled.sequence === arrival.pulled.sequence);
    if (same !== -1) {
      queue[same] = arrival;
      return false;
    }
    queue.push(arrival);
    queues.set(keyOf(arrival), queue);
    held += 1;
    return true;
  }

  function next(): Arrival | undefined {
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
const keyOf = ({ decoded }: Arrival): string => (decoded.ok ? decoded.message.accountId : '');
