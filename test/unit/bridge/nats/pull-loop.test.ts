import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NatsConnection } from 'nats';
import { createBreaker } from '../../../../bridge/breaker.js';
import { runPullLoop, type PullLoopDeps } from '../../../../bridge/nats/pull-loop.js';
import { createPrefetchBuffer } from '../../../../bridge/prefetch-buffer.js';

type Signs = { type: string };

/** A queue that is read with `for await` until it is closed. */
function createQueue<T>() {
  const waiting: T[] = [];
  let wake = () => {};
  let closed = false;
  async function* read(): AsyncGenerator<T> {
    for (;;) {
      while (waiting.length > 0) yield waiting.shift()!;
      if (closed) return;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  return {
    read,
    isClosed: () => closed,
    put: (value: T) => {
      waiting.push(value);
      wake();
    },
    close: () => {
      closed = true;
      wake();
    },
  };
}

let stopping = new AbortController();
beforeEach(() => void (stopping = new AbortController()));
afterEach(() => stopping.abort());

/** The loop on a fake connection and consumer. The test sends their status events. */
function startLoop() {
  const connection = createQueue<Signs>();
  const pulls: { messages: ReturnType<typeof createQueue<never>>; signs: ReturnType<typeof createQueue<Signs>> }[] = [];
  const fetch = async () => {
    const pull = { messages: createQueue<never>(), signs: createQueue<Signs>() };
    pulls.push(pull);
    const { messages, signs } = pull;
    return Object.assign(messages.read(), { close: async () => messages.close(), status: async () => signs.read() });
  };
  const faults: unknown[] = [];
  const deps = {
    nats: { status: () => connection.read() } as unknown as NatsConnection,
    getConsumer: async () => ({ fetch }),
    prefetchBuffer: createPrefetchBuffer({ capacity: 4 }),
    breaker: createBreaker(Date.now),
    reportFetch: (error: unknown) => error !== undefined && faults.push(error),
    expiresMs: 1_000,
    idleHeartbeatMs: 500,
  };
  void runPullLoop(deps as unknown as PullLoopDeps, stopping.signal);
  return { connection, pulls, faults };
}

test('a pull whose connection is lost ends, and the next one waits until the connection is back', async () => {
  const { connection, pulls, faults } = startLoop();
  await sleep(20);
  expect(pulls).toHaveLength(1);
  connection.put({ type: 'disconnect' });
  await sleep(700);
  expect([pulls.length, pulls[0]?.messages.isClosed(), faults.length]).toEqual([1, true, 1]);
  connection.put({ type: 'reconnect' });
  connection.put({ type: 'reconnect' });
  await sleep(20);
  expect([pulls.length, pulls[1]?.messages.isClosed()]).toEqual([2, false]);
});

test('a pull that misses the heartbeat of the server ends, before the library asks for its messages again', async () => {
  const { pulls, faults } = startLoop();
  await sleep(20);
  pulls[0]?.signs.put({ type: 'heartbeats_missed' });
  await sleep(20);
  expect([pulls[0]?.messages.isClosed(), faults.length]).toEqual([true, 1]);
  await sleep(600);
  expect(pulls).toHaveLength(2);
});
