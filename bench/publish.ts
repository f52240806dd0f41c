import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NatsConnection } from 'nats';
import type { DispatchEvent } from '../contracts/bus/dispatch-message.js';
import { clock } from './clock.js';

/** One message to publish: a single event, or a batch where there are several. */
export interface PlannedMessage {
  readonly accountId: string;
  readonly events: number;
}

/** So many messages for the accounts in turn. */
export function spread(accounts: readonly { accountId: string }[], count: number, events = 1): PlannedMessage[] {
  return Array.from({ length: count }, (_, n) => {
    return { accountId: accounts[n % accounts.length]?.accountId ?? '', events };
  });
}

const run = randomUUID().slice(0, 8);
let count = 0;

/** A receipt as a platform would send it, with the time of its publication in it. */
export function eventOf(accountId: string, at: number): DispatchEvent {
  const id = `evt_${run}_${(count += 1).toString(36)}`;
  const data = {
    at,
    messageId: id,
    to: '+999000000001',
    channel: 'sms',
    parts: 1,
    cost: { amount: '0.0420', currency: 'EUR' },
  };
  return { id, accountId, type: 'message.delivered', timestamp: new Date(at).toISOString(), data };
}

/** Publishes one message whose events carry this time. */
export type Send = (message: PlannedMessage, at: number) => Promise<void>;

/** To the service, as a careful producer: acknowledged by the stream, with an id. */
export function toDispatch(nats: NatsConnection): Send {
  const stream = nats.jetstream();
  return async ({ accountId, events }, at) => {
    const all = Array.from({ length: events }, () => eventOf(accountId, at));
    const data = JSON.stringify(events === 1 ? all[0] : all);
    await stream.publish('webhook.dispatch', data, { msgID: all[0]?.id ?? '', timeout: 20_000 });
  };
}

/** Publishes on `bench.raw`, which the service does not read and the forwarder does. */
export function toForwarder(nats: NatsConnection): Send {
  return ({ accountId }, at) => {
    nats.publish('bench.raw', JSON.stringify(eventOf(accountId, at)));
    return Promise.resolve();
  };
}

const AT_ONCE = 256;

/** As fast as the stream takes them. Resolves when it has them all. */
export async function publishBurst(send: Send, messages: readonly PlannedMessage[]): Promise<void> {
  const waiting = [...messages].reverse();
  const publish = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await send(next, clock());
  };
  await Promise.all(Array.from({ length: AT_ONCE }, publish));
}

/**
 * Publishes at this rate and does not wait for earlier messages. An event's time is the one at which it was due: a sender that
 * falls behind must not hide it.
 */
export async function publishSteadily(
  send: Send,
  messages: readonly PlannedMessage[],
  perSecond: number,
): Promise<void> {
  const startedAt = clock();
  const published: Promise<void>[] = [];
  for (const [n, message] of messages.entries()) {
    const dueAt = startedAt + (n * 1_000) / perSecond;
    const early = dueAt - clock();
    if (early > 0) await sleep(early);
    published.push(send(message, dueAt));
  }
  await Promise.all(published);
}
