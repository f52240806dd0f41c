import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { connect, type JetStreamClient, type NatsConnection } from 'nats';
import { decodeMessage } from '../../../bridge/decode-message.js';
import { ensureStreams } from '../../../bridge/nats/streams.js';
import type { DispatchEvent } from '../../../contracts/bus/dispatch-message.js';
import { type Parts, startParts } from '../../../local/start-parts.js';
import type { ProducerOptions } from '../../../producer/producer-options.js';
import { createProducer, type Producer } from '../../../producer/create-producer.js';

let parts: Parts<'nats'>;
let nats: NatsConnection;
let jetStream: JetStreamClient;
beforeAll(async () => {
  parts = await startParts({ with: ['nats'], log: () => undefined, env: process.env });
  nats = await connect({ servers: parts.nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
  jetStream = nats.jetstream();
  const names = { stream: 'WEBHOOKS', durable: 'dispatcher', deadLetterStream: 'WEBHOOKS_DLQ' };
  const manager = await nats.jetstreamManager();
  await ensureStreams(manager, { ...names, deadLetterSubject: 'webhook.dispatch.deadletter', replicas: 1 });
});
afterAll(async () => {
  await nats.close();
  await parts.stop();
});

const producers: Producer[] = [];
const produce = (options: Partial<ProducerOptions> = {}) => {
  const producer = createProducer({ jetStream, lingerMs: 20, ...options });
  producers.push(producer);
  return producer;
};
let accountId: string;
beforeEach(async () => {
  accountId = randomUUID();
  await (await nats.jetstreamManager()).streams.purge('WEBHOOKS');
});
afterEach(() => Promise.all(producers.splice(0).map((producer) => producer.close())));

const event = (id: string, more: Partial<DispatchEvent> = {}): DispatchEvent => ({
  id,
  accountId,
  type: 'order.paid',
  timestamp: '2026-11-23T10:00:00Z',
  data: { n: 1 },
  ...more,
});
const events = (count: number, more: Partial<DispatchEvent> = {}) =>
  Array.from({ length: count }, (_, n) => event(`evt_${n}`, more));

/** The event ids of each message on the stream, decoded as the bridge does. */
async function stored(): Promise<{ ids: string[]; batch: boolean }[]> {
  const manager = await nats.jetstreamManager();
  const { state } = await manager.streams.info('WEBHOOKS');
  const messages = [];
  for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
    const decoded = decodeMessage((await manager.streams.getMessage('WEBHOOKS', { seq })).data);
    if (!decoded.ok) throw new Error(JSON.stringify(decoded.problems));
    const { events: all, batch } = decoded.message;
    messages.push({ ids: all.map(({ eventId }) => eventId), batch });
  }
  return messages;
}
const codes = (results: PromiseSettledResult<void>[]) =>
  results.map((result) => (result.status === 'rejected' ? (result.reason as { code: string }).code : 'stored'));

describe('events that come together', () => {
  test('of one account are one message, which the service takes', async () => {
    const producer = produce();
    await Promise.all(events(3).map(producer.emit));
    expect(await stored()).toEqual([{ ids: ['evt_0', 'evt_1', 'evt_2'], batch: true }]);
  });

  test('of two accounts are two messages, and one alone is a single event', async () => {
    const producer = produce();
    await Promise.all([event('evt_a'), event('evt_b', { accountId: randomUUID() })].map(producer.emit));
    expect((await stored()).map(({ batch }) => batch)).toEqual([false, false]);
  });

  test('are at most a hundred, and at most a mebibyte', async () => {
    const producer = produce();
    await Promise.all(events(250).map(producer.emit));
    expect((await stored()).map(({ ids }) => ids.length)).toEqual([100, 100, 50]);
    const large = { text: 'x'.repeat(250_000) };
    await Promise.all(Array.from({ length: 9 }, (_, n) => event(`large_${n}`, { data: large })).map(producer.emit));
    expect((await stored()).map(({ ids }) => ids.length).slice(3)).toEqual([4, 4, 1]);
  });

  test('are one event if they have the same id, and a repetition is dropped by the stream', async () => {
    const producer = produce();
    await Promise.all([producer.emit(event('evt_1')), producer.emit(event('evt_1'))]);
    await producer.emit(event('evt_1'));
    expect(await stored()).toEqual([{ ids: ['evt_1'], batch: false }]);
  });

  test('of two accounts may have the same id', async () => {
    const producer = produce();
    await Promise.all([event('evt_1'), event('evt_1', { accountId: randomUUID() })].map(producer.emit));
    expect(await stored()).toHaveLength(2);
  });
});

describe('an event that the service would refuse', () => {
  test.each<[string, Partial<DispatchEvent>]>([
    ['a wrong id', { id: 'evt 1' }],
    ['a wrong type', { type: 'Order' }],
    ['a NUL character', { data: { text: 'a\u0000b' } }],
    ['half a surrogate pair', { data: { text: '\ud83d' } }],
    ['too many bytes', { data: { text: 'x'.repeat(256 * 1024) } }],
    ['no JSON', { data: { n: 1n } }],
  ])('is told to its caller alone: %s', async (_, change) => {
    const producer = produce();
    const wrong = producer.emit(event('evt_wrong', change));
    const results = await Promise.allSettled([wrong, producer.emit(event('evt_1')), producer.emit(event('evt_2'))]);
    expect(codes(results)).toEqual(['invalid_event', 'stored', 'stored']);
    expect(await stored()).toEqual([{ ids: ['evt_1', 'evt_2'], batch: true }]);
  });

  test('is not one with a whole pair, or with the text of an escape', async () => {
    const producer = produce();
    await producer.emit(event('evt_1', { data: { emoji: '😀', text: '\\u0000 and \\ud83d' } }));
    expect(await stored()).toHaveLength(1);
  });
});

describe('a stream that does not confirm', () => {
  test('is tried again under the same id, and nothing is stored twice', async () => {
    const producer = produce({ timeoutMs: 300, tries: 30 });
    await parts.nats.stop();
    const emitted = Promise.all(events(3).map(producer.emit));
    await parts.nats.restart();
    await emitted;
    expect((await stored()).map(({ ids }) => ids)).toEqual([['evt_0', 'evt_1', 'evt_2']]);
  });

  test('is told to each event that waits for it', async () => {
    const producer = produce({ subject: 'nobody.listens', tries: 2, timeoutMs: 300 });
    expect(codes(await Promise.allSettled(events(2).map(producer.emit)))).toEqual(['not_stored', 'not_stored']);
  });
});

describe('a producer', () => {
  test('refuses more events than may wait, and says when there is room', async () => {
    const producer = produce({ maxUnconfirmed: 2 });
    const first = events(2).map(producer.emit);
    await expect(producer.emit(event('evt_2'))).rejects.toMatchObject({ code: 'overloaded' });
    await producer.waitForRoom();
    await Promise.all([...first, producer.emit(event('evt_2'))]);
    expect((await stored()).flatMap(({ ids }) => ids)).toEqual(['evt_0', 'evt_1', 'evt_2']);
  });

  test('publishes what it has collected when it is told to, without waiting for more', async () => {
    const producer = produce({ lingerMs: 3_600_000 });
    const emitted = producer.emit(event('evt_1'));
    await producer.flush();
    expect(await stored()).toHaveLength(1);
    await emitted;
  });

  test('that is closed has published everything and takes nothing any more', async () => {
    const producer = produce({ lingerMs: 3_600_000 });
    const emitted = Promise.allSettled([producer.emit(event('evt_1'))]);
    await producer.close();
    expect(codes(await emitted)).toEqual(['stored']);
    await expect(producer.emit(event('evt_2'))).rejects.toMatchObject({ code: 'closed' });
  });
});
