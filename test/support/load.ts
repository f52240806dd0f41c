import { setTimeout as sleep } from 'node:timers/promises';
import type { NatsConnection } from 'nats';
import { eventually } from './eventually.js';
import type { AttemptRowView, createScenario, Registered } from './scenario.js';
import type { Stack } from './stack.js';

type Scenario = ReturnType<typeof createScenario>;
type Event = ReturnType<Scenario['event']>;

/** A customer with an endpoint that answers everything and one that refuses each failed receipt once. */
export interface LoadedAccount {
  scenario: Scenario;
  healthy: Registered;
  flaky: Registered;
}

/** One published message: one event, or a batch of one account. */
export interface PlannedMessage {
  account: LoadedAccount;
  events: Event[];
}

/** Every so many messages is a batch, and of every so many one also goes to the flaky endpoint. */
const BATCH_EVERY = 20;
const BATCH_EVENTS = 5;
const FLAKY_EVERY = 5;

export async function openAccount(scenario: Scenario): Promise<LoadedAccount> {
  const name = scenario.accountId.slice(0, 8);
  const healthy = await scenario.register(`/hooks/ok/${name}`);
  const flaky = await scenario.register(`/hooks/flaky/${name}?fail=1`, { eventTypes: ['message.failed'] });
  return { scenario, healthy, flaky };
}

/** A message for each account named, in that order. */
export function planMessages(accounts: readonly LoadedAccount[]): PlannedMessage[] {
  return accounts.map((account, n) => {
    const type = n % FLAKY_EVERY === 0 ? 'message.failed' : 'message.delivered';
    const size = n % BATCH_EVERY === 1 ? BATCH_EVENTS : 1;
    return { account, events: Array.from({ length: size }, () => account.scenario.event({ type })) };
  });
}

/** Publishes one message every `everyMs` independent of the results of earlier ones; resolves when the stream has all of them. */
export async function publishSteadily(
  nats: NatsConnection,
  messages: readonly PlannedMessage[],
  everyMs: number,
): Promise<void> {
  const startedAt = Date.now();
  const published: Promise<void>[] = [];
  for (const [n, message] of messages.entries()) {
    await sleep(Math.max(0, startedAt + n * everyMs - Date.now()));
    published.push(publishOnce(nats, message));
  }
  await Promise.all(published);
}

/** As a careful producer does: repeated under the same id until the broker has said that it is stored. */
async function publishOnce(nats: NatsConnection, { events }: PlannedMessage): Promise<void> {
  const [first] = events;
  const data = JSON.stringify(events.length === 1 ? first : events);
  for (;;) {
    try {
      await nats.jetstream().publish('webhook.dispatch', data, { msgID: first?.id ?? '', timeout: 2_000 });
      return;
    } catch {
      await sleep(250);
    }
  }
}

/** Differences between the outcomes of a load and its plan; every list is empty if there is none. */
export interface Reckoning {
  /** Deliveries without their outcome `delivered`, as `event → endpoint`. */
  lost: string[];
  /** Deliveries with other attempts than the endpoint's behavior asks for. */
  consumed: string[];
  /** Deliveries recorded twice. */
  twice: string[];
  /** Requests beyond the first of an attempt. */
  repeatedRequests: string[];
  /** Attempts whose request never reached the customer, and requests without a row. */
  unaccounted: string[];
}

/** Waits until every delivery of the messages has its outcome, or `withinMs` milliseconds, and compares. */
export async function reckon(stack: Stack, messages: readonly PlannedMessage[], withinMs: number): Promise<Reckoning> {
  const accounts = [...new Set(messages.map(({ account }) => account))];
  const read = async () => (await Promise.all(accounts.map(({ scenario }) => scenario.rows()))).flat();
  const expected = expectedDeliveries(messages);
  const complete = async () => {
    const rows = await read();
    return rows.filter(({ isLatest, outcome }) => isLatest && outcome !== null).length >= expected.size && rows;
  };
  const rows = await eventually(complete, withinMs).catch(read);
  const requests = (await Promise.all(accounts.flatMap((account) => requestsOf(stack, account)))).flat();
  return { ...compareRows(expected, rows), ...compareRequests(rows, requests) };
}

type Kind = 'healthy' | 'flaky';
const keyOf = (eventId: string, webhookId: string) => `${eventId} → ${webhookId}`;

function expectedDeliveries(messages: readonly PlannedMessage[]): Map<string, Kind> {
  const expected = new Map<string, Kind>();
  for (const { account, events } of messages)
    for (const { id, type } of events) {
      expected.set(keyOf(id, account.healthy.id), 'healthy');
      if (type === 'message.failed') expected.set(keyOf(id, account.flaky.id), 'flaky');
    }
  return expected;
}

const ATTEMPTS: Readonly<Record<Kind, string>> = {
  healthy: '1 succeeded 204',
  flaky: '1 failed 500, 2 succeeded 200',
};

function compareRows(expected: ReadonlyMap<string, Kind>, rows: readonly AttemptRowView[]) {
  const lost: string[] = [];
  const consumed: string[] = [];
  const twice: string[] = [];
  for (const [key, kind] of expected) {
    const own = rows.filter(({ eventId, webhookId }) => keyOf(eventId, webhookId) === key);
    const told = own.map(({ attempt, status, responseStatus }) => `${attempt} ${status} ${responseStatus}`).join(', ');
    if (own.find(({ isLatest }) => isLatest)?.outcome !== 'delivered') lost.push(`${key}: ${told}`);
    else if (told !== ATTEMPTS[kind]) consumed.push(`${key}: ${told}`);
    if (new Set(own.map(({ deliveryId }) => deliveryId)).size > 1) twice.push(key);
  }
  return { lost, consumed, twice };
}

/** Each request as `event → endpoint #attempt`. */
const requestsOf = (stack: Stack, { healthy, flaky }: LoadedAccount) =>
  [healthy, flaky].map(async ({ id, path }) => {
    const requests = await stack.parts.customer.requests(path);
    return requests.map(({ webhookId, attempt }) => `${keyOf(webhookId, id)} #${attempt}`);
  });

function compareRequests(rows: readonly AttemptRowView[], requests: readonly string[]) {
  const seen = new Set(requests);
  const told = new Set(rows.map(({ eventId, webhookId, attempt }) => `${keyOf(eventId, webhookId)} #${attempt}`));
  const repeatedRequests = requests.filter((request, n) => requests.indexOf(request) !== n);
  const unaccounted = [...told].filter((key) => !seen.has(key)).concat([...seen].filter((key) => !told.has(key)));
  return { repeatedRequests, unaccounted };
}

export const NOTHING_WRONG: Reckoning = { lost: [], consumed: [], twice: [], repeatedRequests: [], unaccounted: [] };
