import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes, randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceProcess } from '../../local/own-processes.js';
import { bytesInMemory } from '../support/process-memory.js';
import { createScenario } from '../support/scenario.js';
import { type Stack, startStack } from '../support/stack.js';

const key = randomBytes(32);
const secret = `whsec_${key.toString('base64')}`;

let stack: Stack;
let dispatcher: ServiceProcess;
beforeAll(async () => {
  stack = await startStack();
  dispatcher = await stack.processes.startDispatcher();
}, 120_000);
afterAll(() => stack.close());

const random = <T>(values: readonly T[]) => values[randomInt(values.length)] as T;
/** Event data with random keys. */
const anyData = (): object =>
  Object.fromEntries(
    Array.from({ length: 3 }, () => [
      `k${randomBytes(6).toString('hex')}`,
      random(['+999', 1, null, { to: '+999' }, ['x']]),
    ]),
  );

/** Allowed names and values of history payloads. A new one needs a deliberate addition to this list. */
const KEYS = new Set([
  ...['accountId', 'workflowId', 'endpoints', 'webhookId', 'deliveries', 'deliveryId', 'deliveryIds', 'requests'],
  ...['schedule', 'jitterKey', 'cycle', 'trigger', 'attempt', 'attempts', 'attemptsBefore', 'replay', 'requestedBy'],
  ...['outcome', 'kind', 'reason', 'code', 'status', 'retryAfterMs', 'nextDelayMs', 'unrecorded', 'startedAtMs'],
  ...['durationMs', 'secretVersion', 'delivered', 'dead_lettered', 'canceled', 'skipped_disabled'],
  // Written by the SDK for a local activity.
  ...['seq', 'activity_id', 'activity_type', 'complete_time', 'backoff', 'original_schedule_time', 'seconds', 'nanos'],
]);

interface Payload {
  metadata?: Record<string, Uint8Array> | null;
  data?: Uint8Array | null;
}
const isPayload = (value: object): value is Payload => 'metadata' in value && 'data' in value;

/** Every decoded payload below a history event: inputs, results, failures' details, memos, search attributes, summaries. */
function payloads(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  if (!isPayload(value)) return Object.values(value).flatMap(payloads);
  const encoding = Buffer.from(value.metadata?.['encoding'] ?? []).toString();
  if (!encoding.startsWith('json/')) return [];
  return [JSON.parse(Buffer.from(value.data ?? []).toString('utf8')) as unknown];
}
const keysOf = (value: unknown): string[] => {
  if (typeof value !== 'object' || value === null) return [];
  const keys = Array.isArray(value) ? [] : Object.keys(value);
  return [...keys, ...Object.values(value).flatMap(keysOf)];
};

test('LEAK-04 the history of fifty random deliveries is made of ids, codes, times and counts', async () => {
  const { accountId, register, event, publish, settled, rows } = createScenario(stack);
  for (const behavior of ['ok', 'flaky', 'broken', 'gone', 'reset']) await register(`/hooks/${behavior}/${accountId}`);
  const ids: string[] = [];
  while (ids.length < 10) {
    const events = Array.from({ length: random([1, 1, 3]) }, () => event({ data: anyData() }));
    await publish(events.length === 1 ? events[0] : events);
    ids.push(...events.map(({ id }) => id));
  }
  await Promise.all(ids.map((id) => settled(id, 60_000)));
  const workflows = [...new Set((await rows()).map(({ workflowId }) => workflowId))];
  const decoded: unknown[] = [];
  for (const workflowId of workflows)
    decoded.push(...payloads(await stack.temporal.workflow.getHandle(workflowId).fetchHistory()));
  const unknown = new Set(decoded.flatMap(keysOf).filter((name) => !KEYS.has(name)));
  expect([...unknown]).toEqual([]);
  expect(decoded.length).toBeGreaterThan(50);
  // Random keys of the events would be unknown names. The phone number of the events would be an unknown value.
  expect(JSON.stringify(decoded)).not.toContain('+999');
}, 120_000);

const onLinux = process.platform === 'linux' ? describe : describe.skip;
onLinux('the memory of a dispatcher', () => {
  test('LEAK-07 holds no secret two seconds after it signed with it, in no form', async () => {
    const { register, event, publish, settled } = createScenario(stack);
    const { id } = await register('/hooks/ok/memory', { secret });
    const marker = randomBytes(16).toString('hex');
    for (let i = 0; i < 5; i++) {
      const sent = event({ data: { marker } });
      await publish(sent);
      await settled(sent.id);
    }
    await sleep(2_000);
    const base64 = key.toString('base64');
    const wanted = {
      bytes: key,
      base64: Buffer.from(base64.slice(0, 40)),
      hex: Buffer.from(key.toString('hex')),
      utf16: Buffer.from(base64.slice(0, 40), 'utf16le'),
      // Values that must be found. Otherwise the search itself does not work.
      webhook: Buffer.from(id),
    };
    expect(await bytesInMemory(dispatcher.child.pid, wanted)).toEqual(['webhook']);
  }, 60_000);
});
