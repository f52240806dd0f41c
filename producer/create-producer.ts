import type { ProducerOptions } from './producer-options.js';
import { type DispatchEvent, MAX_BATCH_EVENTS, MAX_MESSAGE_BYTES } from '../contracts/bus/dispatch-message.js';
import { eventSetDigest } from '../domain/security/event-set-digest.js';
import { createUnconfirmedEvents, type UnconfirmedEvents } from './unconfirmed-events.js';
import { ProducerError } from './producer-error.js';
import { publishUntilConfirmed } from './publish-stored.js';
import { type SerializedEvent, serializeEvent } from './serialize-event.js';

export interface Producer {
  /**
   * Resolves when the stream has stored the event. The same event may be emitted again: its id is recognized for days.
   * @throws ProducerError
   */
  readonly emit: (event: DispatchEvent) => Promise<void>;
  /** Resolves when another event may be emitted. A caller that does not await each `emit` awaits this before the next one. */
  readonly waitForRoom: () => Promise<void>;
  /** Publishes the collected events and resolves when every event so far is confirmed or has failed. */
  readonly flush: () => Promise<void>;
  /** Flushes, and refuses all later events. The connection stays open. */
  readonly close: () => Promise<void>;
}

const DEFAULT_LINGER_MS = 5;
/** Leaves room for the headers, which NATS counts as part of a message. */
const MAX_BYTES = MAX_MESSAGE_BYTES - 1_024;

interface Batch {
  readonly accountId: string;
  readonly events: SerializedEvent[];
  bytes: number;
  readonly timer: NodeJS.Timeout;
  readonly stored: Promise<void>;
  readonly publish: () => void;
}

/**
 * Creates a producer that collects the events of an account for a few milliseconds and publishes them as one batch: a batch
 * costs the service a fraction of the cost of its events one by one. One event alone is published as a single event.
 */
export function createProducer(options: ProducerOptions): Producer {
  const { maxEvents = MAX_BATCH_EVENTS, maxUnconfirmed = 1_000 } = options;
  const pending = createUnconfirmedEvents(maxUnconfirmed);
  const batches = createBatches(options, pending);
  let isClosed = false;

  async function emit(event: DispatchEvent): Promise<void> {
    if (isClosed) throw new ProducerError('closed', 'the producer is closed');
    const serialized = serializeEvent(event);
    const earlier = batches.findBatchWith(serialized);
    if (earlier !== undefined) return await earlier.stored;
    if (pending.isFull())
      throw new ProducerError('overloaded', `${String(maxUnconfirmed)} events are not yet confirmed by the stream`);
    const batch = batches.takeBatchFor(serialized);
    batch.events.push(serialized);
    batch.bytes += serialized.bytes + 1;
    pending.add();
    if (batch.events.length >= maxEvents) batches.send(batch);
    await batch.stored;
  }

  async function flush(): Promise<void> {
    batches.sendAll();
    await pending.waitForAll();
  }

  async function close(): Promise<void> {
    isClosed = true;
    await flush();
  }
  return { emit, flush, close, waitForRoom: pending.waitForRoom };
}

/** The batches that still accept events, one an account. */
function createBatches(options: ProducerOptions, pending: UnconfirmedEvents) {
  const openBatches = new Map<string, Batch>();

  function send(batch: Batch): void {
    clearTimeout(batch.timer);
    if (openBatches.get(batch.accountId) === batch) openBatches.delete(batch.accountId);
    batch.publish();
  }

  function openBatch(accountId: string): Batch {
    const events: SerializedEvent[] = [];
    let publish: () => void = () => undefined;
    const complete = new Promise<void>((resolve) => {
      publish = resolve;
    });
    const stored = complete.then(() => publishUntilConfirmed(options, toMessage(accountId, events)));
    pending.removeAfter(stored, () => events.length);
    const timer = setTimeout(() => send(batch), options.lingerMs ?? DEFAULT_LINGER_MS);
    const batch: Batch = { accountId, events, bytes: 2, stored, publish, timer };
    openBatches.set(accountId, batch);
    return batch;
  }

  /** The account's open batch if the event fits into it, otherwise a new one. */
  function takeBatchFor({ accountId, bytes }: SerializedEvent): Batch {
    const batch = openBatches.get(accountId);
    if (batch !== undefined && batch.bytes + bytes + 1 <= MAX_BYTES) return batch;
    if (batch !== undefined) send(batch);
    return openBatch(accountId);
  }

  function findBatchWith({ accountId, id }: SerializedEvent): Batch | undefined {
    const batch = openBatches.get(accountId);
    return batch?.events.some((event) => event.id === id) === true ? batch : undefined;
  }
  return { takeBatchFor, findBatchWith, send, sendAll: () => [...openBatches.values()].forEach(send) };
}

/** The stream drops a repeated message by its id. Event ids are unique within their account. */
function toMessage(accountId: string, events: readonly SerializedEvent[]) {
  const [first] = events;
  if (events.length === 1 && first !== undefined) return { data: first.text, id: `${accountId}/${first.id}` };
  const id = `${accountId}/b-${eventSetDigest(events.map((event) => event.id))}`;
  return { data: `[${events.map(({ text }) => text).join(',')}]`, id };
}
