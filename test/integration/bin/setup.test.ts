import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Connection } from '@temporalio/client';
import { connect, type JetStreamManager, type NatsConnection } from 'nats';
import { ensureSearchAttributes } from '../../../bin/process/ensure-search-attributes.js';
import { ensureStreams, type StreamNames } from '../../../bridge/nats/streams.js';
import { startParts, type Parts } from '../../../local/start-parts.js';

let parts: Parts<'nats' | 'temporal'>;
let nats: NatsConnection;
let jsm: JetStreamManager;
let temporal: Connection;
beforeAll(async () => {
  parts = await startParts({ with: ['nats', 'temporal'], log: () => undefined, env: process.env });
  nats = await connect({ servers: parts.nats.url });
  jsm = await nats.jetstreamManager();
  temporal = await Connection.connect({ address: parts.temporal.address });
});
afterAll(async () => {
  await temporal.close();
  await nats.close();
  await parts.stop();
});

const names: StreamNames = {
  stream: 'WEBHOOKS',
  durable: 'dispatcher',
  deadLetterStream: 'WEBHOOKS_DLQ',
  deadLetterSubject: 'webhook.dispatch.deadletter',
  replicas: 1,
};
const seen = async () => ({
  stream: (await jsm.streams.info('WEBHOOKS')).config,
  deadLetters: (await jsm.streams.info('WEBHOOKS_DLQ')).config,
  consumer: (await jsm.consumers.info('WEBHOOKS', 'dispatcher')).config,
});

test('streams and consumer are created once, and a second run changes nothing', async () => {
  await ensureStreams(jsm, names);
  const first = await seen();
  expect(first.stream).toMatchObject({
    subjects: ['webhook.dispatch'],
    retention: 'workqueue',
    max_msg_size: 1_048_576,
  });
  expect(first.deadLetters).toMatchObject({ subjects: ['webhook.dispatch.deadletter'], retention: 'limits' });
  expect(first.consumer).toMatchObject({
    ack_policy: 'explicit',
    ack_wait: 30e9,
    max_deliver: -1,
    max_ack_pending: 50_000,
  });
  await ensureStreams(jsm, names);
  expect(await seen()).toEqual(first);
});

test('manual changes are reverted, and the messages are kept', async () => {
  await ensureStreams(jsm, names);
  const expected = await seen();
  await nats.jetstream().publish('webhook.dispatch', 'x');
  await jsm.streams.update('WEBHOOKS', { max_age: 60e9 * 60 });
  await jsm.consumers.update('WEBHOOKS', 'dispatcher', { ack_wait: 1e9, max_deliver: 3 });
  await ensureStreams(jsm, names);
  expect(await seen()).toEqual(expected);
  expect((await jsm.streams.info('WEBHOOKS')).state.messages).toBe(1);
});

test('missing search attributes are registered', async () => {
  await temporal.operatorService.removeSearchAttributes({ namespace: 'default', searchAttributes: ['WebhookIds'] });
  expect(await ensureSearchAttributes(temporal, 'default')).toEqual(['WebhookIds']);
  expect(await ensureSearchAttributes(temporal, 'default')).toEqual([]);
});
