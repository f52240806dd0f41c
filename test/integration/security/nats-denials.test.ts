import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Msg, NatsConnection } from 'nats';
import { eventually } from '../../support/eventually.js';
import { takeNatsSeats, type NatsSeats } from '../../support/nats-pki-seats.js';
import type { Profile } from '../../support/nats-pki-servers.js';

/** Payloads with which each call would have an effect if it were permitted. */
const API_CALLS: Record<string, object | undefined> = {
  INFO: undefined,
  'STREAM.CREATE.MINE': { name: 'MINE', subjects: ['mine'] },
  'STREAM.DELETE.WEBHOOKS': undefined,
  'STREAM.UPDATE.WEBHOOKS': { name: 'WEBHOOKS', subjects: ['webhook.dispatch', 'everything'], retention: 'workqueue' },
  'STREAM.PURGE.WEBHOOKS': undefined,
  'STREAM.INFO.WEBHOOKS': undefined,
  'STREAM.LIST': undefined,
  'STREAM.NAMES': undefined,
  'STREAM.MSG.GET.WEBHOOKS': { last_by_subj: 'webhook.dispatch' },
  'STREAM.MSG.DELETE.WEBHOOKS': { seq: 1 },
  'STREAM.DELETE.WEBHOOKS_DLQ': undefined,
  'STREAM.MSG.GET.WEBHOOKS_DLQ': { seq: 1 },
  'DIRECT.GET.WEBHOOKS': { seq: 1 },
  'CONSUMER.CREATE.WEBHOOKS': { stream_name: 'WEBHOOKS', config: { ack_policy: 'explicit' } },
  'CONSUMER.CREATE.WEBHOOKS_DLQ.mine': { stream_name: 'WEBHOOKS_DLQ', config: { name: 'mine', ack_policy: 'none' } },
  'CONSUMER.DURABLE.CREATE.WEBHOOKS_DLQ.mine': {
    stream_name: 'WEBHOOKS_DLQ',
    config: { durable_name: 'mine', ack_policy: 'none' },
  },
  'CONSUMER.DELETE.WEBHOOKS.dispatcher': undefined,
  'CONSUMER.LIST.WEBHOOKS': undefined,
  'CONSUMER.NAMES.WEBHOOKS': undefined,
  'CONSUMER.PAUSE.WEBHOOKS.dispatcher': { pause_until: '2999-01-01T00:00:00Z' },
  'CONSUMER.LEADER.STEPDOWN.WEBHOOKS.dispatcher': undefined,
  'CONSUMER.INFO.WEBHOOKS.other': undefined,
  'CONSUMER.INFO.WEBHOOKS_DLQ.dispatcher': undefined,
  'CONSUMER.MSG.NEXT.WEBHOOKS.other': { batch: 1 },
  'CONSUMER.MSG.NEXT.WEBHOOKS_DLQ.dispatcher': { batch: 1 },
};
const API_PREFIXES = { baseline: ['$JS.API', '$JS.hub.API'], hardened: ['$JS.API', '$JS.hub.API', 'wh.js'] };
const SUBJECTS = [
  ...['webhook.dispatch', 'webhook.dispatch.other', 'webhook.dispatch.deadletter.deeper', 'webhook', 'platform.orders'],
  ...['$SYS.REQ.SERVER.PING', '$SYS.REQ.ACCOUNT.PING.CONNZ', '$JS.FC.WEBHOOKS.dispatcher', '$KV.bucket.key'],
  ...['$JS.ACK.WEBHOOKS.other.1.1.1.1.1', '$JS.ACK.WEBHOOKS_DLQ.dispatcher.1.1.1.1.1'],
  ...['$JS.ACK.hub.hash.WEBHOOKS_DLQ.dispatcher.1.1.1.1.1', '_INBOX_prod.x', '_INBOX_wd.x', '_INBOX.x'],
];
const SUBSCRIPTIONS = [
  ...['>', 'webhook.>', 'webhook.dispatch', 'webhook.dispatch.deadletter', 'platform.>', '*.*'],
  ...['_INBOX.>', '_INBOX_prod.>', '_INBOX_ws.>', '$JS.EVENT.>', '$JS.API.>', '$JS.ACK.>', '$SYS.>'],
];

/** The forbidden requests, each with the payload that it needs to succeed. */
const requestsOf = (profile: Profile) => [
  ...SUBJECTS.map((subject) => ({ subject, payload: '' })),
  ...API_PREFIXES[profile].flatMap((prefix) =>
    Object.entries(API_CALLS).map(([call, body]) => ({
      subject: `${prefix}.${call}`,
      payload: body === undefined ? '' : JSON.stringify(body),
    })),
  ),
];

/** Everything that a request could have changed or created. */
async function stateOf({ manager }: NatsSeats) {
  const streams = await Promise.all(['WEBHOOKS', 'WEBHOOKS_DLQ'].map((name) => manager.streams.info(name)));
  const { config, paused } = await manager.consumers.info('WEBHOOKS', 'dispatcher');
  const { streams: count, consumers } = await manager.getAccountInfo();
  return {
    count,
    consumers,
    consumer: { config, paused },
    streams: streams.map((stream) => [stream.config, stream.state.first_seq, stream.state.messages]),
  };
}

describe.each(['baseline', 'hardened'] as const)('NATS-02 what webhook-dispatcher may not, %s profile', (profile) => {
  let seats: NatsSeats;
  beforeAll(async () => {
    seats = await takeNatsSeats(profile);
    await seats.producer.jetstream().publish('webhook.dispatch', '1');
  });
  afterAll(() => seats.servers.stop());

  test('is refused by the leaf node, which names what it refused', async () => {
    const before = await stateOf(seats);
    for (const { subject, payload } of requestsOf(profile))
      await expect(seats.service.request(subject, payload, { timeout: 2_000 })).rejects.toMatchObject({
        code: 'PERMISSIONS_VIOLATION',
        message: expect.stringContaining(`"${subject}"`),
      });
    for (const subject of SUBSCRIPTIONS)
      for (const queue of [undefined, 'queue'])
        expect([subject, await refusalOf(seats.service, subject, queue)]).toEqual([subject, 'PERMISSIONS_VIOLATION']);
    expect(await stateOf(seats)).toEqual(before);
  });

  test('is dropped by the hub where a leaf node lets everything through', async () => {
    const before = await stateOf(seats);
    const open = await seats.servers.connect('webhook-dispatcher', await seats.servers.startLeaf({ open: true }));
    const ask = () => open.request(consumerInfo(profile), '', { timeout: 1_000 });
    await eventually(ask);
    const answers = listen(open, ['_INBOX_wd.answers']);
    // The leaf node answers questions about itself without the hub.
    const requests = requestsOf(profile).filter(({ subject }) => !subject.startsWith('$SYS.'));
    for (const { subject, payload } of requests) open.publish(subject, payload, { reply: '_INBOX_wd.answers' });
    // This request uses the same link in the same order: after its response, all earlier ones have been processed.
    await ask();
    expect(await stateOf(seats)).toEqual(before);

    const received = listen(open, SUBSCRIPTIONS);
    await open.flush();
    await seats.producer.jetstream().publish('webhook.dispatch', 'canary');
    await ask();
    expect(answers).toEqual([]);
    expect(received.filter((text) => text.includes('canary'))).toEqual([]);
  });
});

const consumerInfo = (profile: Profile) =>
  `${profile === 'hardened' ? 'wh.js' : '$JS.hub.API'}.CONSUMER.INFO.WEBHOOKS.dispatcher`;

/** The received messages, without the leaf node's 503 (no responders). */
function listen(connection: NatsConnection, subjects: string[]): string[] {
  const received: string[] = [];
  const callback = (error: unknown, message: Msg) => {
    if (error === null && message.headers?.code !== 503) received.push(message.string());
  };
  for (const subject of subjects) connection.subscribe(subject, { callback });
  return received;
}

function refusalOf(connection: NatsConnection, subject: string, queue: string | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const callback = (error: { code: string } | null) => resolve(error?.code ?? 'a message');
    connection.subscribe(subject, { callback, ...(queue === undefined ? {} : { queue }) });
    connection.flush().then(() => setTimeout(resolve, 200, 'subscribed'), reject);
  });
}
