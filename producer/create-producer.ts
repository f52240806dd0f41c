import type { ProducerOptions } from './producer-options.js';
import { type DispatchEvent, MAX_BATCH_EVENTS, MAX_MESSAGE_BYTES } from '../contracts/bus/dispatch-message.js';
import { eventSetDigest } from '../domain/security/event-set-digest.js';
import { createUnconfirmedEvents, type UnconfirmedEvents } from './unconfirmed-events.js';
import { ProducerError } from './producer-error.js';
import { publishUntilConfirmed } from './publish-stored.js';
import { type SerializedEvent, serializeEvent } from './serialize-event.js';

export interface Producer {
  /**
   * Resolves when the stream has stored the event. The same event may be emitted again: its id is recognised for days.
   * @throws ProducerError
   */
  readonly emit: (event: DispatchEvent) => Promise<void>;
  /** Resolves when another event may be emitted. Whoever emits without waiting for each event waits for this. */
  readonly waitForRoom: () => Promise<void>;
  /** Publishes what has been collected and resolves when the stream has answered for every event so far. */
  readonly flush: () => Promise<void>;
  /** As `flush`, and refuses whatever is emitted later. The connection stays open. */
  readonly close: () => Promise<void>;
}

const GATHER_MS = 5;
/** NATS counts headers as part of a message. */
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
 * Collects events by account for a few milliseconds and publishes each account's together: a batch costs the service a
 * fraction of what its events cost alone. An event that stays alone is published as a single one.
 */
export function createProducer(options: ProducerOptions): Producer {
  const { maxEvents = MAX_BATCH_EVENTS, maxUnconfirmed = 1_000 } = options;
  const pending = createUnconfirmedEvents(maxUnconfirmed);
  const batches = createBatches(options, pending);
  let closed = false;

  async function emit(event: DispatchEvent): Promise<void> {
    if (closed) throw new ProducerError('closed', 'the producer is closed');
    const read = serializeEvent(event);
    const same = batches.withEvent(read);
    if (same !== undefined) return await same.stored;
    if (pending.isFull()) throw new ProducerError('overloaded', `${String(maxUnconfirmed)} events wait for the stream`);
    const batch = batches.fitting(read);
    batch.events.push(read);
    batch.bytes += read.bytes + 1;
    pending.add();
    if (batch.events.length >= maxEvents) batches.send(batch);
    await batch.stored;
  }

  async function flush(): Promise<void> {
    batches.sendAll();
    await pending.waitForAll();
  }

  async function close(): Promise<void> {
    closed = true;
    await flush();
  }
  return { emit, flush, close, waitForRoom: pending.waitForRoom };
}

/** The batches that still take events: one an account. */
function createBatches(options: ProducerOptions, pending: UnconfirmedEvents) {
  const open = new Map<string, Batch>();

  function send(batch: Batch): void {
    clearTimeout(batch.timer);
    if (open.get(batch.accountId) === batch) open.delete(batch.accountId);
    batch.publish();
  }

  function begin(accountId: string): Batch {
    const events: SerializedEvent[] = [];
    let publish: () => void = () => undefined;
    const whole = new Promise<void>((resolve) => {
      publish = resolve;
    });
    const stored = whole.then(() => publishUntilConfirmed(options, messageOf(accountId, events)));
    pending.removeAfter(stored, () => events.length);
    const timer = setTimeout(() => send(batch), options.lingerMs ?? GATHER_MS);
    const batch: Batch = { accountId, events, bytes: 2, stored, publish, timer };
    open.set(accountId, batch);
    return batch;
  }

  function fitting({ accountId, bytes }: SerializedEvent): Batch {
    const batch = open.get(accountId);
    if (batch !== undefined && batch.bytes + bytes + 1 <= MAX_BYTES) return batch;
    if (batch !== undefined) send(batch);
    return begin(accountId);
  }

  function withEvent({ accountId, id }: SerializedEvent): Batch | undefined {
    const batch = open.get(accountId);
    return batch?.events.some((event) => event.id === id) === true ? batch : undefined;
  }
  return { fitting, withEvent, send, sendAll: () => [...open.values()].forEach(send) };
}

/** The id makes the stream drop a repetition. Event ids are unique within their account. */
function messageOf(accountId: string, events: readonly SerializedEvent[]) {
  const [first] = events;
  if (events.length === 1 && first !== undefined) return { data: first.text, id: `${accountId}/${first.id}` };
  const id = `${accountId}/b-${eventSetDigest(events.map((event) => event.id))}`;
  return { data: `[${events.map(({ text }) => text).join(',')}]`, id };
}
