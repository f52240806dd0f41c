import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createAdmission } from '../../../bridge/admission.js';
import { runAdmissionLoop, type AdmissionLoopDeps } from '../../../bridge/admission-loop.js';
import { createBreaker } from '../../../bridge/breaker.js';
import { consumerFaults } from '../../../bridge/nats/check-consumer.js';
import { createDeadLetterPublisher } from '../../../bridge/nats/dead-letters.js';
import { runPullLoop } from '../../../bridge/nats/pull-loop.js';
import type { PulledMessage } from '../../../bridge/pulled-message.js';
import { createPrefetchBuffer } from '../../../bridge/prefetch-buffer.js';
import type { MessageDeadLetter } from '../../../contracts/bus/dead-letter.js';
import { takeNatsSeats, type NatsSeats } from '../../support/nats-pki-seats.js';

/** Runs the loops of the service until they have handled this many messages. */
async function pull(seats: NatsSeats, count: number, handle: (message: PulledMessage) => Promise<void>): Promise<void> {
  const stopping = new AbortController();
  const faults: unknown[] = [];
  const [admission, breaker, prefetchBuffer] = [
    createAdmission(20),
    createBreaker(Date.now),
    createPrefetchBuffer({ capacity: 20 }),
  ];
  let handled = 0;
  // A loop that receives nothing would outlive its test.
  const deadline = setTimeout(() => stopping.abort(), 15_000);
  const handleAll: AdmissionLoopDeps['handleMessages'] = async (arrivals, recorded) => {
    recorded();
    for (const { pulled } of arrivals) {
      pulled.extendAckWait();
      await handle(pulled);
      admission.leave(pulled);
      if ((handled += 1) === count) stopping.abort();
    }
  };
  const fetched = (error: unknown) => {
    if (error !== undefined) faults.push(error);
  };
  const { service: nats, consumer } = seats;
  const pulling = {
    nats,
    getConsumer: consumer,
    prefetchBuffer,
    breaker,
    expiresMs: 1_000,
    idleHeartbeatMs: 500,
    reportFetch: fetched,
  };
  await Promise.all([
    runPullLoop(pulling, stopping.signal),
    runAdmissionLoop({ prefetchBuffer, admission, breaker, handleMessages: handleAll }, stopping.signal),
  ]);
  clearTimeout(deadline);
  expect(faults).toEqual([]);
  expect(handled).toBe(count);
}

const letter: MessageDeadLetter = {
  id: 'message:WEBHOOKS:1',
  schemaVersion: 1,
  type: 'webhook.message.rejected',
  time: '2026-11-23T10:00:00Z',
  reason: 'invalid_message',
  source: { stream: 'WEBHOOKS', sequence: 1, publishedAt: '2026-11-23T10:00:00Z' },
  bytes: 1,
  deliveryCount: 1,
  problems: [],
};

const profiles = ['baseline', 'hardened'] as const;

describe.each(profiles)('NATS-02 webhook-dispatcher behind a leaf node, %s profile', (profile) => {
  let seats: NatsSeats;
  beforeAll(async () => void (seats = await takeNatsSeats(profile)));
  afterAll(() => seats.servers.stop());

  test('pulls, confirms, gives back and ends messages', async () => {
    const { producer, consumer } = seats;
    expect(consumerFaults(await (await consumer()).info(), 15_000)).toEqual([]);
    for (let i = 0; i < 30; i++) await producer.jetstream().publish('webhook.dispatch', String(i));
    const seen: string[] = [];
    const ends: boolean[] = [];
    await pull(seats, 31, async (message) => {
      const text = new TextDecoder().decode(message.data);
      seen.push(text);
      if (text === '7' && message.deliveryCount === 1) message.returnAfter(100);
      else ends.push(await message.acknowledge(text === '9' ? '+TERM' : '+ACK'));
    });
    expect(ends).toEqual(Array.from({ length: 30 }, () => true));
    expect(seen.filter((text) => text === '7')).toHaveLength(2);
    expect(new Set(seen).size).toBe(30);
    expect(await seats.messagesIn('WEBHOOKS')).toBe(0);
  });

  test('publishes a dead letter once, however often it is asked to', async () => {
    const letters = createDeadLetterPublisher(seats.jetStream, seats.servers.dispatcher.deadLetterSubject);
    await letters.publishMessageDeadLetter(letter);
    await letters.publishMessageDeadLetter(letter);
    expect(await seats.messagesIn('WEBHOOKS_DLQ')).toBe(1);
  });

  test('may acknowledge in the second format too, which servers from 2.14 on can use', async () => {
    const subject = '$JS.ACK.hub.accounthash.WEBHOOKS.dispatcher.1.1.1.1.1.1';
    // The pinned server does not implement it: the test checks only that no permission is missing.
    await expect(seats.service.request(subject, '+ACK', { timeout: 500 })).rejects.toMatchObject({
      code: expect.stringMatching(/^(TIMEOUT|503)$/),
    });
  });
});

/** Publishes a permitted request with webhook.dispatch as reply subject. Returns the number of messages that this added. */
async function aimAtDispatch(seats: NatsSeats, subject: string, payload: string): Promise<number> {
  const { service, producer, messagesIn, consumer } = seats;
  await producer.jetstream().publish('webhook.dispatch', 'an event');
  const before = await messagesIn('WEBHOOKS');
  service.publish(subject, payload, { reply: 'webhook.dispatch' });
  await (await consumer()).info();
  return (await messagesIn('WEBHOOKS')) - before;
}

describe.each(profiles)('NATS-02 an answer that is aimed at webhook.dispatch, %s profile', (profile) => {
  let seats: NatsSeats;
  beforeAll(async () => void (seats = await takeNatsSeats(profile)));
  afterAll(() => seats.servers.stop());
  const api = profile === 'hardened' ? 'wh.js' : '$JS.hub.API';

  test.each([
    ['of a question about the consumer', `${api}.CONSUMER.INFO.WEBHOOKS.dispatcher`, ''],
    ['of a pull', `${api}.CONSUMER.MSG.NEXT.WEBHOOKS.dispatcher`, '{"batch":1,"no_wait":true}'],
    ['of an acknowledgement that asks for more', '$JS.ACK.WEBHOOKS.dispatcher.1.99.99.1.0', '+NXT'],
    ['of a dead letter', 'webhook.dispatch.deadletter', '{}'],
  ])(`${profile === 'hardened' ? 'stays outside' : 'gets in, a known limit'}: %s`, async (_of, subject, payload) => {
    expect(await aimAtDispatch(seats, subject, payload)).toBe(profile === 'hardened' ? 0 : 1);
  });
});
