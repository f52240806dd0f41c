import { randomBytes, randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { OwnProcess } from '../../local/own-processes.js';
import { formsOf, scan, type Sink } from '../support/leak-scan.js';
import { createScenario } from '../support/scenario.js';
import { type Stack, startStack } from '../support/stack.js';

/** New in each run. `begin` keeps the secret's first characters from being those of every secret. */
const key = randomBytes(32);
const canaries = {
  secret: key.toString('base64'),
  phone: `+999${String(randomInt(1e8, 1e9))}`,
};
const secret = `whsec_${canaries.secret}`;

let stack: Stack;
let dispatcher: OwnProcess;
const answers: string[] = [];
beforeAll(async () => {
  stack = await startStack();
  dispatcher = await stack.processes.startDispatcher();
  await drive();
}, 240_000);
afterAll(() => stack.close());

/** Everything that can happen to a delivery and to a request, with the canaries in it. */
async function drive(): Promise<void> {
  const scenario = createScenario(stack);
  const event = (more: object = {}) => scenario.event({ data: { to: canaries.phone, n: 1 }, ...more });
  const ask = async (method: string, path: string, body?: object) => {
    const answer = await scenario.call(method, path, body);
    answers.push(JSON.stringify(answer));
    return answer;
  };
  const webhooks = [];
  for (const behaviour of ['ok', 'broken', 'gone', 'reset', 'redirect'])
    webhooks.push(await scenario.register(`/hooks/${behaviour}/leaks`, { secret }));
  webhooks.push(await scenario.register('http://127.0.0.1:9/refused', { secret }));

  const good = event();
  await scenario.publish(good);
  for (const invalid of [event({ to: canaries.phone }), event({ id: canaries.phone }), { to: canaries.phone }])
    await scenario.publish(invalid);
  await scenario.publish(`{"to":"${canaries.phone}`);
  await scenario.publish(event({ data: { to: canaries.phone, broken: '\u0000' } }));
  await scenario.settled(good.id, 30_000);

  const [first] = webhooks;
  const url = `${stack.parts.customer.url}/hooks/ok/leaks`;
  await ask('PUT', `/v1/webhooks/${first?.id ?? ''}`, { url, eventTypes: null, description: null, secret });
  await ask('POST', '/v1/webhooks', { url, eventTypes: null, secret: `${secret}!` });
  await ask('POST', '/v1/webhooks', { url, eventTypes: null, [secret]: 1 });
  await ask('POST', '/v1/webhooks', { url: `${url}#${secret}`, eventTypes: canaries.phone });
  await ask('GET', '/v1/webhooks');
  await ask('GET', `/v1/webhooks/${canaries.phone}`);
  await ask('GET', `/v1/webhooks/${first?.id ?? ''}/deliveries`);
  await withoutPostgres(event);
  await withUndecryptableSecret(scenario, event);
}

async function withoutPostgres(event: () => object): Promise<void> {
  await stack.parts.postgres.stop();
  await stack.nats.jetstream().publish('webhook.dispatch', JSON.stringify(event()));
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  await stack.parts.postgres.restart();
}

async function withUndecryptableSecret(scenario: ReturnType<typeof createScenario>, event: () => { id: string }) {
  await stack.admin.query(
    `UPDATE hook.webhook_configs SET secret_enc = overlay(secret_enc placing '\\x00' from 100) WHERE account_id = $1`,
    [scenario.accountId],
  );
  const last = event();
  await scenario.publish(last);
  await scenario.settled(last.id, 30_000);
}

async function histories(): Promise<Sink[]> {
  const sinks: Sink[] = [];
  for await (const { workflowId, runId } of stack.temporal.workflow.list()) {
    const history = await stack.temporal.workflow.getHandle(workflowId, runId).fetchHistory();
    // Payload bytes are Buffers: as JSON they would be lists of numbers.
    const text = JSON.stringify(history, (_key, value: unknown) =>
      value instanceof Uint8Array || isBufferJson(value) ? Buffer.from(bytesOf(value)).toString('utf8') : value,
    );
    sinks.push({ name: `history of ${workflowId}`, text });
  }
  return sinks;
}

const isBufferJson = (value: unknown): value is { type: 'Buffer'; data: number[] } =>
  typeof value === 'object' && value !== null && (value as { type?: unknown }).type === 'Buffer';
const bytesOf = (value: Uint8Array | { data: number[] }) => (value instanceof Uint8Array ? value : value.data);

async function sinks(): Promise<Sink[]> {
  const service = join(stack.parts.dir, 'service');
  const metrics = async ({ internalUrl }: OwnProcess) => await (await fetch(`${internalUrl}/metrics`)).text();
  return [
    { name: 'standard output', text: stack.logLines.join('\n') },
    ...readdirSync(service).map((file) => ({
      name: `standard error ${file}`,
      text: readFileSync(join(service, file), 'utf8'),
    })),
    { name: 'PostgreSQL log', text: readFileSync(stack.parts.postgres.logFile ?? '', 'utf8') },
    { name: 'dead letters', text: JSON.stringify(await stack.deadLetters()) },
    { name: 'metrics', text: (await metrics(stack.api)) + (await metrics(dispatcher)) },
    { name: 'API answers', text: answers.join('\n') },
    ...(await histories()),
  ];
}

test('LEAK-01 neither the secret nor the phone number is in a log, a history, a dead letter, a metric or an answer', async () => {
  const all = await sinks();
  expect(all.length).toBeGreaterThan(8);
  expect(all.every(({ name, text }) => name.startsWith('standard error') || text.length > 100)).toBe(true);
  expect(scan(all, canaries)).toEqual([]);
});

test('the phone number is where it belongs, so that the search has something to find', async () => {
  const { rows } = await stack.admin.query<{ body: string }>(
    'SELECT payload_snapshot::text AS body FROM hook.delivery_attempts',
  );
  const found = scan([{ name: 'payload_snapshot', text: JSON.stringify(rows) }], canaries);
  expect(found.map(({ canary }) => canary)).toContain('phone');
});

test.each([...formsOf(secret)])('the search finds a secret %s', (form, hidden) => {
  const found = scan([{ name: 'a sink', text: `{"level":"info","x":"${hidden}"}` }], { secret });
  expect(found.map((leak) => leak.form)).toContain(form);
});

test('the search looks into base64, where histories keep their payloads', () => {
  const text = Buffer.from(`{"to":"${canaries.phone}"}`).toString('base64');
  expect(scan([{ name: 'a history', text }], canaries)).not.toEqual([]);
});
