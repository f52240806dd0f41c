import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { connect, type JetStreamManager, type NatsConnection } from 'nats';
import { type Admission, createAdmission } from '../../../../bridge/admission.js';
import { runAdmissionLoop } from '../../../../bridge/admission-loop.js';
import { createBreaker } from '../../../../bridge/breaker.js';
import { consumerFaults } from '../../../../bridge/nats/check-consumer.js';
import { createDeadLetterPublisher } from '../../../../bridge/nats/dead-letters.js';
import { runPullLoop } from '../../../../bridge/nats/pull-loop.js';
import type { PulledMessage } from '../../../../bridge/pulled-message.js';
import { ensureStreams } from '../../../../bridge/nats/streams.js';
import { type BufferedMessage, createPrefetchBuffer } from '../../../../bridge/prefetch-buffer.js';
import type { MessageDeadLetter } from '../../../../contracts/bus/dead-letter.js';
import { type Parts, startParts } from '../../../../local/start-parts.js';
import { eventually } from '../../../support/eventually.js';

const names = { stream: 'S', durable: 'D', deadLetterStream: 'DL', deadLetterSubject: 'webhook.dispatch.deadletter' };
const all = { ...names, replicas: 1 };

let parts: Parts<'nats'>;
let nats: NatsConnection;
let manager: JetStreamManager;
beforeAll(async () => {
  parts = await startParts({ with: ['nats'], log: () => undefined, env: process.env });
  nats = await connect({ servers: parts.nats.url });
  manager = await nats.jetstreamManager();
}, 120_000);
afterAll(async () => {
  await nats.close();
  await parts.stop();
});

beforeEach(() => ensureStreams(manager, all));
afterEach(async () => {
  for (const stream of [names.stream, names.deadLetterStream]) await manager.streams.delete(stream);
});

const publish = async (...texts: string[]) => {
  for (const text of texts) await nats.jetstream().publish('webhook.dispatch', text);
};
const textOf = ({ data }: PulledMessage) => Buffer.from(data).toString();
const left = async () => (await manager.streams.info(names.stream)).state.messages;

/** Pulls and begins into `batches` until it is stopped; `handle` decides what becomes of a micro-batch. */
function pulling(limit: number, handle: (batch: readonly PulledMessage[], admission: Admission) => Promise<void>) {
  const stopping = new AbortController();
  const [admission, breaker, prefetchBuffer] = [
    createAdmission(limit),
    createBreaker(Date.now),
    createPrefetchBuffer({ capacity: 40 }),
  ];
  const batches: string[][] = [];
  const failures: unknown[] = [];
  const deps = {
    nats,
    prefetchBuffer,
    admission,
    breaker,
    expiresMs: 1_000,
    idleHeartbeatMs: 500,
    getConsumer: () => nats.jetstream().consumers.get(names.stream, names.durable),
    reportFetch: (error: unknown) => {
      if (error !== undefined) failures.push(error);
    },
    handleMessages: async (arrivals: readonly BufferedMessage[], recorded: () => void) => {
      const batch = arrivals.map(({ pulled }) => pulled);
      batches.push(batch.map(textOf));
      recorded();
      await handle(batch, admission);
    },
  };
  const running = Promise.all([runPullLoop(deps, stopping.signal), runAdmissionLoop(deps, stopping.signal)]);
  const stop = async () => {
    stopping.abort();
    await running;
    prefetchBuffer.returnAll();
    await admission.waitUntilEmpty(1_000);
  };
  return { batches, failures, admission, breaker, prefetchBuffer, stop };
}

const acknowledge = async (batch: readonly PulledMessage[], admission: Admission) => {
  for (const message of batch) {
    expect(await message.acknowledge('+ACK')).toBe(true);
    admission.leave(message);
  }
};

describe('the streams', () => {
  test('are made once, and brought back to what they should be', async () => {
    await manager.streams.update(names.stream, { max_age: 1_000_000_000_000 });
    await ensureStreams(manager, all);
    const { config } = await manager.streams.info(names.stream);
    expect(config).toMatchObject({ retention: 'workqueue', discard: 'new', subjects: ['webhook.dispatch'] });
    expect(config.max_age).toBe(7 * 86_400 * 1e9);
    expect(consumerFaults(await manager.consumers.info(names.stream, names.durable), 15_000)).toEqual([]);
  });
});

describe('the pull loop', () => {
  test('hands on together what arrives together, and each message once', async () => {
    await publish(...Array.from({ length: 30 }, (_, n) => String(n)));
    const { batches, stop } = pulling(100, acknowledge);
    await eventually(async () => batches.flat().length === 30);
    await stop();
    expect(batches.flat().map(Number)).toEqual(Array.from({ length: 30 }, (_, n) => n));
    expect(batches.length).toBeLessThan(30);
    expect(await left()).toBe(0);
  });

  test('begins no more than it has places for, and holds the rest without losing its claim to it', async () => {
    await manager.consumers.update(names.stream, names.durable, { ack_wait: 1_000_000_000 });
    await publish(...Array.from({ length: 12 }, (_, n) => String(n)));
    let held: PulledMessage[] = [];
    const {
      batches,
      admission,
      prefetchBuffer: window,
      stop,
    } = pulling(5, async (batch) => void (held = [...held, ...batch]));
    const keeping = setInterval(() => {
      window.extendAckWaits();
      for (const message of held) message.extendAckWait();
    }, 200);
    await eventually(async () => held.length === 5);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect([batches.flat().length, admission.hasRoom(), window.size()]).toEqual([5, false, 7]);
    for (let handled = 0; handled < 12; handled = batches.flat().length - held.length) {
      await acknowledge(held.splice(0), admission);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    clearInterval(keeping);
    await stop();
    expect([new Set(batches.flat()).size, batches.flat().length, await left()]).toEqual([12, 12, 0]);
  });

  test('gives back at once what it had not begun when it is stopped', async () => {
    await publish('a', 'b', 'c');
    const first = pulling(1, async () => undefined);
    await eventually(async () => first.batches.length === 1 && first.prefetchBuffer.size() === 2);
    await first.stop();
    const second = pulling(10, acknowledge);
    await eventually(async () => second.batches.flat().length === 2);
    expect(second.batches.flat().sort()).toEqual(['b', 'c']);
    await second.stop();
  });

  test('tries a single message while the breaker is open', async () => {
    await publish('a', 'b', 'c');
    const { batches, breaker, stop } = pulling(100, async (batch, admission) => {
      breaker.close();
      await acknowledge(batch, admission);
    });
    breaker.open();
    await eventually(async () => batches.flat().length === 3);
    await stop();
    expect(batches[0]).toEqual(['a']);
  });

  test('goes on with a consumer that was made anew, and tells of the failure', async () => {
    const { batches, failures, stop } = pulling(10, acknowledge);
    await publish('a');
    await eventually(async () => batches.length === 1);
    await manager.consumers.delete(names.stream, names.durable);
    await eventually(async () => failures.length > 0);
    await ensureStreams(manager, all);
    await publish('b');
    await eventually(async () => batches.flat().includes('b'));
    await stop();
  });

  test('handles before it ends what its last pull brought', async () => {
    const { batches, admission, stop } = pulling(10, acknowledge);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const stopped = stop();
    await publish('late');
    await stopped;
    expect(admission.messagesInFlight()).toBe(0);
    expect(batches.flat().length + (await left())).toBe(1);
  });
});

describe('a pulled message', () => {
  test('that is given back comes again with the same time and sequence', async () => {
    await publish('a');
    const seen: PulledMessage[] = [];
    const { stop } = pulling(1, async (batch, admission) => {
      seen.push(...batch);
      if (seen.length === 1) seen[0]?.returnAfter(200);
      else await seen[1]?.acknowledge('+ACK');
      for (const message of batch) admission.leave(message);
    });
    await eventually(async () => seen.length === 2);
    await stop();
    const [first, second] = seen;
    expect([first?.deliveryCount, second?.deliveryCount]).toEqual([1, 2]);
    expect(second).toMatchObject({ sequence: first?.sequence, receivedAtMs: first?.receivedAtMs });
    expect(Math.abs(Date.now() - (first?.receivedAtMs ?? 0))).toBeLessThan(30_000);
  });

  test('that is terminated is not delivered again, although it was not processed', async () => {
    await publish('hopeless');
    const { batches, stop } = pulling(1, async (batch, admission) => {
      for (const message of batch) {
        expect(await message.acknowledge('+TERM')).toBe(true);
        admission.leave(message);
      }
    });
    await eventually(async () => batches.length === 1 && (await left()) === 0);
    await stop();
  });
});

test('a dead letter that is published again is in the stream once', async () => {
  const letters = createDeadLetterPublisher(nats.jetstream(), names.deadLetterSubject);
  const time = new Date().toISOString();
  const letter: MessageDeadLetter = {
    id: 'message:S:1',
    schemaVersion: 1,
    type: 'webhook.message.rejected',
    time,
    reason: 'invalid_message',
    source: { stream: 'S', sequence: 1, publishedAt: time },
    bytes: 1,
    deliveryCount: 1,
    problems: [],
  };
  await letters.publishMessageDeadLetter(letter);
  await letters.publishMessageDeadLetter(letter);
  expect((await manager.streams.info(names.deadLetterStream)).state.messages).toBe(1);
  await expect(letters.publishMessageDeadLetter({ ...letter, payload: 'x' } as MessageDeadLetter)).rejects.toThrow(
    /payload/,
  );
});
