import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceProcess } from '../../local/own-processes.js';
import { type Canaries, canariesOfText, canaryPhone, canarySecret } from './canary.js';
import { eventually } from './eventually.js';
import { createScenario } from './scenario.js';
import type { Stack } from './stack.js';

export interface Driven {
  canaries: Canaries;
  /** Every response except the 201s, with headers. Payloads of deliveries are removed, because they belong there. */
  answers: string[];
  /** The bodies of the 201s. */
  created: Record<string, unknown>[];
  /** Payloads in responses about deliveries. */
  payloads: unknown[];
}

const ENDPOINTS = [
  ...['ok', 'broken', 'gone', 'reset', 'redirect', 'hang', 'status?code=404&retry-after=0'],
  'http://127.0.0.1:9/refused',
];

/** Causes every kind of failure of a delivery or a request on a fresh stack, with canaries in all inputs. */
export async function driveCanaries(stack: Stack, dispatcher: ServiceProcess): Promise<Driven> {
  const driven: Driven = { canaries: {}, answers: [], created: [], payloads: [] };
  const phone = canaryPhone();
  Object.assign(driven.canaries, phone.canaries);
  const actor = createActor(stack, driven, phone.text);
  const chosen = actor.secret('chosen');
  for (const endpoint of ENDPOINTS) await actor.register(endpoint, {});
  const first = await actor.register('ok', { secret: chosen });

  const good = actor.event();
  await actor.publish(good);
  for (const message of invalidMessages(actor)) await actor.publish(message);
  await actor.settled(good.id);
  await wrongRequests(actor, chosen);
  await rotate(actor, first.id);
  for (const server of ['kms', 'postgres'] as const) {
    // No process has the new account's key in memory.
    await whileStopped({
      stack,
      server,
      stranger: createActor(stack, driven, phone.text),
      newcomer: createActor(stack, driven, phone.text),
    });
    await eventually(async () => (await fetch(`${dispatcher.internalUrl}/ready`)).ok);
  }
  await withDamagedSecrets(stack, actor);
  await readDeliveries(actor, driven, first.id);
  return driven;
}

type Actor = ReturnType<typeof createActor>;

/** A customer with a record of every response. */
function createActor(stack: Stack, driven: Driven, phone: string) {
  const scenario = createScenario(stack);
  const { accountId, publish } = scenario;
  const ask = async (method: string, path: string, body?: unknown) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const headers = { 'x-account-id': accountId, 'content-type': 'application/json' };
    const request = { method, headers, ...(body === undefined ? {} : { body: text }) };
    const answer = await fetch(`${stack.api.url}${path}`, request);
    const responseText = await answer.text();
    const responseBody = (responseText === '' ? {} : JSON.parse(responseText)) as Record<string, unknown>;
    const withoutPayload = { ...responseBody, payload: undefined };
    if (answer.status === 201) driven.created.push(responseBody);
    else
      driven.answers.push(`${answer.status} ${JSON.stringify([...answer.headers])}\n${JSON.stringify(withoutPayload)}`);
    return { status: answer.status, body: responseBody };
  };
  const urlOf = (endpoint: string) =>
    endpoint.startsWith('http') ? endpoint : `${stack.parts.customer.url}/hooks/${endpoint}`;
  const register = async (endpoint: string, more: object) => {
    const { status, body } = await ask('POST', '/v1/webhooks', { url: urlOf(endpoint), eventTypes: null, ...more });
    if (status !== 201) throw new Error(`registering answered ${String(status)}`);
    Object.assign(
      driven.canaries,
      canariesOfText(`secret of ${endpoint} ${String(driven.created.length)}`, String(body['secret'])),
    );
    return { id: String(body['id']) };
  };
  const secret = (name: string): string => {
    const { text, canaries } = canarySecret(`${name} secret`);
    Object.assign(driven.canaries, canaries);
    return text;
  };
  const event = (more: object = {}) => scenario.event({ data: { to: phone, text: `call ${phone}` }, ...more });
  const settled = (eventId: string) => scenario.settled(eventId, 90_000);
  return { accountId, phone, ask, secret, urlOf, register, event, publish, settled };
}

const invalidMessages = ({ event, phone, accountId }: Actor): unknown[] => [
  ...[{ to: phone }, { id: phone }, { type: phone }, { accountId: phone }, { timestamp: phone }, { data: phone }].map(
    event,
  ),
  { to: phone },
  `{"to":"${phone}`,
  event({ data: { to: phone, broken: '\u0000' } }),
  event({ data: { to: phone, broken: '\ud800' } }),
  JSON.stringify(event()).replace('"data":{', '"data":{"number":1e999999,'),
  [event(), event({ accountId: accountId.replace(/^./, (c) => (c === '0' ? '1' : '0')) })],
  Array.from({ length: 101 }, () => event()),
];

/** Inputs that an error message could repeat by mistake. */
async function wrongRequests({ ask, urlOf, phone }: Actor, secret: string): Promise<void> {
  const url = urlOf('ok');
  const body = { url, eventTypes: null };
  await ask('POST', '/v1/webhooks', { ...body, secret: `${secret}!` });
  await ask('POST', '/v1/webhooks', { ...body, secret: { value: secret } });
  await ask('POST', '/v1/webhooks', { ...body, secret: [secret] });
  await ask('POST', '/v1/webhooks', { ...body, [secret]: 1 });
  await ask('POST', '/v1/webhooks', { url: `${url}#${secret}`, eventTypes: phone });
  await ask('POST', '/v1/webhooks', { url: `http://${secret}@127.0.0.1/`, eventTypes: [phone] });
  await ask('POST', '/v1/webhooks', JSON.stringify({ ...body, secret }).slice(0, -8));
  await ask('POST', '/v1/webhooks', `"${secret}"`);
  await ask('POST', '/v1/webhooks', secret);
  await ask('POST', `/v1/webhooks?secret=${encodeURIComponent(secret)}`, { ...body, secret: 1 });
  await ask('GET', `/v1/webhooks?cursor=${encodeURIComponent(secret)}`);
  await ask('GET', `/v1/webhooks/${phone}`);
  await ask('GET', `/v1/webhooks/%E0%A4${phone}`);
  await ask('GET', `/${encodeURIComponent(secret)}`);
}

/** No response may hold the new secret. */
async function rotate({ ask, secret, urlOf, event, publish, settled }: Actor, id: string): Promise<void> {
  const content = { url: urlOf('ok'), eventTypes: null, description: null };
  const { status } = await ask('PUT', `/v1/webhooks/${id}`, { ...content, secret: secret('rotated') });
  if (status !== 200) throw new Error(`rotating answered ${String(status)}`);
  const later = event();
  await publish(later);
  await settled(later.id);
}

interface Outage {
  stack: Stack;
  server: 'kms' | 'postgres';
  stranger: Actor;
  newcomer: Actor;
}

/** A delivery and requests while a server is unavailable. */
async function whileStopped({ stack, server, stranger, newcomer }: Outage): Promise<void> {
  await stranger.register(`ok/${server}`, {});
  const meets = stranger.event();
  await stack.parts[server].stop();
  await stranger.publish(meets);
  const body = { url: newcomer.urlOf('ok'), eventTypes: null, secret: newcomer.secret(`without ${server}`) };
  const { status } = await newcomer.ask('POST', '/v1/webhooks', body);
  if (status !== 503) throw new Error(`without ${server} registering answered ${String(status)}`);
  await stranger.ask('GET', '/v1/webhooks');
  await sleep(2_500);
  await stack.parts[server].restart();
  await stranger.settled(meets.id);
}

async function withDamagedSecrets(stack: Stack, { accountId, event, publish, settled }: Actor): Promise<void> {
  await stack.admin.query(
    `UPDATE hook.webhook_configs SET secret_enc = overlay(secret_enc placing '\\x00' from 100) WHERE account_id = $1`,
    [accountId],
  );
  const last = event();
  await publish(last);
  await settled(last.id);
}

async function readDeliveries({ ask }: Actor, driven: Driven, webhookId: string): Promise<void> {
  await ask('GET', '/v1/webhooks');
  const { body } = await ask('GET', `/v1/webhooks/${webhookId}/deliveries`);
  const [delivery] = body['data'] as { id: string }[];
  const { body: detail } = await ask('GET', `/v1/deliveries/${delivery?.id ?? ''}`);
  driven.payloads.push(detail['payload']);
  await ask('POST', `/v1/deliveries/${delivery?.id ?? ''}/retry`);
}
