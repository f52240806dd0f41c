import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { setImmediate } from 'node:timers/promises';
import { runAdmissionLoop } from '../../../bridge/admission-loop.js';
import { createAdmission } from '../../../bridge/admission.js';
import { createBreaker } from '../../../bridge/breaker.js';
import type { DecodeResult } from '../../../bridge/decode-message.js';
import { type BufferedMessage, createPrefetchBuffer } from '../../../bridge/prefetch-buffer.js';

let stopping = new AbortController();
beforeEach(() => void (stopping = new AbortController()));
afterEach(() => stopping.abort());

const event = { eventId: 'evt_1', eventType: 'order.paid', timestamp: '', position: 0 };
const events = Array.from({ length: 50 }, () => event);
const batchOfFifty: DecodeResult = { ok: true, message: { accountId: 'a', raw: '', batch: true, events } };

const ticks = async () => {
  for (let n = 0; n < 10; n += 1) await setImmediate();
};

/** The loop with room for so many messages, and its batches. `recorded` and `done` end the two phases of a batch. */
function startLoop(places: number) {
  const [admission, breaker, prefetchBuffer] = [
    createAdmission(places),
    createBreaker(Date.now),
    createPrefetchBuffer({ capacity: 50 }),
  ];
  const batches: { sequences: number[]; recorded: () => void; done: () => void }[] = [];
  const handleMessages = (batch: readonly BufferedMessage[], recorded: () => void) =>
    new Promise<void>((resolve) => {
      const done = () => {
        batch.forEach(({ pulled }) => admission.leave(pulled));
        resolve();
      };
      batches.push({ sequences: batch.map(({ pulled }) => pulled.sequence), recorded, done });
    });
  void runAdmissionLoop({ admission, breaker, prefetchBuffer, handleMessages }, stopping.signal);
  const arrive = (sequence: number, decoded: DecodeResult) => {
    const calls = { acknowledge: async () => true, returnAfter: () => undefined, extendAckWait: () => undefined };
    const pulled = { data: new Uint8Array(), sequence, deliveryCount: 1, receivedAtMs: 0, ...calls };
    prefetchBuffer.put({ pulled, decoded });
  };
  const put = (...sequences: number[]) => {
    for (const sequence of sequences) arrive(sequence, { ok: false, problems: [] });
  };
  const putBatches = (...sequences: number[]) => {
    for (const sequence of sequences) arrive(sequence, batchOfFifty);
  };
  return { admission, breaker, batches, put, putBatches, sequences: () => batches.map((batch) => batch.sequences) };
}

test('what arrives together is one micro-batch; what arrives while it is written is the next', async () => {
  const { batches, put, sequences } = startLoop(10);
  put(1, 2, 3);
  await ticks();
  put(4);
  await ticks();
  put(5);
  await ticks();
  expect(sequences()).toEqual([[1, 2, 3]]);
  batches[0]?.recorded();
  await ticks();
  expect(sequences()).toEqual([
    [1, 2, 3],
    [4, 5],
  ]);
});

test('no more is begun than there are places', async () => {
  const { admission, batches, put, sequences } = startLoop(2);
  put(1, 2, 3);
  await ticks();
  batches[0]?.recorded();
  await ticks();
  expect([sequences(), admission.messagesInFlight()]).toEqual([[[1, 2]], 2]);
  batches[0]?.done();
  await ticks();
  expect([sequences(), admission.messagesInFlight()]).toEqual([[[1, 2], [3]], 1]);
});

test('batches are begun as far as their deliveries have a prospect of a slot, and wait for no more than that', async () => {
  const { admission, batches, putBatches, sequences } = startLoop(28);
  putBatches(1, 2, 3, 4, 5);
  await ticks();
  batches[0]?.recorded();
  await ticks();
  expect([sequences(), admission.messagesInFlight()]).toEqual([[[1, 2, 3]], 3]);
  batches[0]?.done();
  await ticks();
  expect(sequences()).toEqual([
    [1, 2, 3],
    [4, 5],
  ]);
});

test('while something is away one message at a time is tried, to its end', async () => {
  const { breaker, batches, put, sequences } = startLoop(10);
  breaker.open();
  put(1, 2, 3);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(sequences()).toEqual([[1]]);
  batches[0]?.recorded();
  await ticks();
  expect(sequences()).toEqual([[1]]);
  breaker.close();
  batches[0]?.done();
  await ticks();
  expect(sequences()).toEqual([[1], [2, 3]]);
});

test('nothing is begun once the process is told to stop', async () => {
  const { put, batches } = startLoop(10);
  stopping.abort();
  put(1);
  await ticks();
  expect(batches).toEqual([]);
});
