import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { type MessageDeadLetter, messageDeadLetterSchema } from '../../contracts/bus/dead-letter.js';
import type { ServiceProcess } from '../../local/own-processes.js';
import { eventually } from '../support/eventually.js';
import { countMessages } from '../support/metrics.js';
import { createScenario } from '../support/scenario.js';
import { type Stack, startStack } from '../support/stack.js';
import { drained } from '../support/stream.js';

type Event = ReturnType<ReturnType<typeof createScenario>['event']>;

/** Part of every payload. It must not appear in any dead letter or log. */
const CANARY = 'canary-6f1d';
const BURST = 12;

let stack: Stack;
let dispatcher: ServiceProcess;
let burst: Awaited<ReturnType<typeof publishBurst>>;

beforeAll(async () => {
  stack = await startStack();
  // Published before the dispatcher starts, so that its first pull brings all messages in one micro-batch.
  burst = await publishBurst();
  dispatcher = await stack.processes.startDispatcher();
}, 120_000);
afterAll(() => stack.close(), 60_000);

const withData = (event: Event, data: unknown) => ({ ...event, data: { canary: CANARY, ...(data as object) } });
/** Builds JSON text that JavaScript cannot serialize: `"HERE"` is replaced. */
const raw = (event: Event, text: string) => JSON.stringify(withData(event, { here: 'HERE' })).replace('"HERE"', text);
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
const batchOf = (event: Event, count: number) =>
  Array.from({ length: count }, (_, n) => withData({ ...event, id: `${event.id}_${String(n)}` }, {}));

const INVALID: [name: string, message: (event: Event) => unknown, problem: string][] = [
  ['that is not JSON', (e) => `${JSON.stringify(withData(e, {}))}}`, 'not JSON'],
  ['that is empty', () => '', 'not JSON'],
  ['that is another JSON value', () => `"${CANARY}"`, ''],
  ['with a missing field', ({ type: _, ...e }) => ({ ...e, data: { CANARY } }), ''],
  ['with a field of another type', (e) => ({ ...withData(e, {}), type: 7 }), ''],
  ['with an unknown field', (e) => ({ ...withData(e, {}), [CANARY]: 1 }), 'unknown field'],
  ['with an event id of forbidden characters', (e) => ({ ...withData(e, {}), id: `${CANARY} ../` }), ''],
  ['with data that is no object', (e) => ({ ...e, data: [CANARY] }), 'a JSON object'],
  ['with an account of unknown format', (e) => ({ ...withData(e, {}), accountId: CANARY }), 'a UUID'],
  ['with an event beyond 256 KiB', (e) => withData(e, { big: 'x'.repeat(256 * 1024) }), 'larger than 262144 bytes'],
  [
    'with a batch in which one event is beyond 256 KiB',
    (e) => [...batchOf(e, 2), withData({ ...e, id: 'big' }, { big: 'x'.repeat(256 * 1024) })],
    'larger than 262144 bytes',
  ],
  ['with a batch of 101 events', (e) => batchOf(e, 101), 'a batch has 1 to 100 events'],
  ['with an empty batch', () => [], 'a batch has 1 to 100 events'],
  [
    'with a batch of two accounts',
    (e) => [withData(e, {}), withData({ ...e, id: `${e.id}_2`, accountId: randomUUID() }, {})],
    'a batch is of one account',
  ],
  ['with one bad event in a batch', (e) => [...batchOf(e, 3), { ...withData(e, {}), timestamp: 'yesterday' }], ''],
  ['with NUL in a string', (e) => withData(e, { nul: '\u0000' }), 'a NUL character or a lone surrogate in a string'],
  ['with NUL in a name', (e) => withData(e, { '\u0000': 1 }), 'a NUL character or a lone surrogate in a string'],
  ['with a lone surrogate', (e) => raw(e, '"\\ud800"'), 'a NUL character or a lone surrogate in a string'],
  ['with a number that PostgreSQL cannot hold', (e) => raw(e, '1e400000'), 'a number beyond double precision'],
  [
    'with numbers that fill gigabytes',
    (e) => raw(e, `[${'1e131000,'.repeat(9_000)}1]`),
    'a number beyond double precision',
  ],
  ['with more digits than PostgreSQL can hold', (e) => raw(e, '9'.repeat(140_000)), 'a value that cannot be stored'],
  ['with data nested too deep for PostgreSQL', (e) => raw(e, nested(50_000)), 'a value that cannot be stored'],
  ['with data nested too deep for JavaScript', (e) => raw(e, `[${nested(100_000)},"\\u0041"]`), 'nested too deep'],
  ['with bytes that are not UTF-8', () => Buffer.from([0x22, 0xff, 0xfe, 0x22]), 'not UTF-8'],
  [
    'with a CloudEvent of another version',
    (e) => ({ specversion: '0.3', id: e.id, source: '/x', type: e.type, time: e.timestamp, accountid: e.accountId }),
    '',
  ],
];

const bytesOf = (message: unknown): string | Uint8Array =>
  typeof message === 'string' || message instanceof Uint8Array ? message : JSON.stringify(message);

/** Resolves with the sequence of the message in its stream. */
const publishRaw = async (message: unknown): Promise<number> =>
  (await stack.nats.jetstream().publish('webhook.dispatch', bytesOf(message))).seq;

async function publishBurst() {
  const { register, event, path, rows } = createScenario(stack);
  await register(path('ok'));
  const good = Array.from({ length: BURST }, () => event());
  const bad = [good[0]!, good[0]!, good[0]!].map((like) => ({ ...like, id: `bad_${randomUUID()}` }));
  const spoilt = [raw(bad[0]!, '9'.repeat(140_000)), raw(bad[1]!, nested(50_000)), 'neither JSON nor anything else'];
  const sequences: number[] = [];
  for (const [n, each] of good.entries()) {
    await publishRaw(each);
    if (n % 4 === 1) sequences.push(await publishRaw(spoilt[(n - 1) / 4]));
  }
  return { good, sequences, rows, received: () => stack.parts.customer.requests(path('ok')) };
}

const isOf = (sequence: number) => (letter: { source?: { sequence: number } }) => letter.source?.sequence === sequence;
const letterOf = (sequence: number) =>
  eventually(async () => ((await stack.deadLetters()) as MessageDeadLetter[]).find(isOf(sequence)));

test('bad messages do no harm to the good ones of their micro-batch', async () => {
  await drained(stack);
  const outcomes = await eventually(async () => {
    const rows = await burst.rows();
    return rows.length === BURST && rows.every(({ outcome }) => outcome !== null) && rows;
  });
  expect(outcomes.map(({ attempt, outcome }) => [attempt, outcome])).toEqual(burst.good.map(() => [1, 'delivered']));
  expect((await burst.received()).map(({ webhookId }) => webhookId).sort()).toEqual(
    burst.good.map(({ id }) => id).sort(),
  );
  for (const sequence of burst.sequences) expect(await letterOf(sequence)).toMatchObject({ reason: 'invalid_message' });
});

describe('a dead letter without its payload, and nothing else, comes of a message', () => {
  test.concurrent.each(INVALID)('%s', async (_name, messageOf, problem) => {
    const { register, event, path, publish, settled, rows } = createScenario(stack);
    await register(path('ok'));
    const message = messageOf(event());
    const sequence = await publishRaw(message);
    const next = event();
    await publish(next);
    const letter = messageDeadLetterSchema.parse(await letterOf(sequence));
    expect(letter).toMatchObject({ reason: 'invalid_message', deliveryCount: 1, bytes: bytesOf(message).length });
    expect(letter.problems.map((each) => each.problem)).toEqual(
      expect.arrayContaining([expect.stringContaining(problem)]),
    );
    expect(JSON.stringify(letter)).not.toMatch(/canary/i);
    expect(await settled(next.id)).toMatchObject([{ outcome: 'delivered', attempt: 1 }]);
    expect(await rows()).toHaveLength(1);
    await drained(stack);
  });
});

test('rejected messages are counted, are received once, and are not in any log', async () => {
  await drained(stack);
  expect(await countMessages(dispatcher, 'rejected')).toBe(INVALID.length + burst.sequences.length);
  expect(await countMessages(dispatcher, 'returned')).toBe(0);
  const letters = (await stack.deadLetters()) as MessageDeadLetter[];
  expect(new Set(letters.map(({ id }) => id)).size).toBe(INVALID.length + burst.sequences.length);
  expect(stack.logLines.filter((line) => line.includes(CANARY))).toEqual([]);
});
