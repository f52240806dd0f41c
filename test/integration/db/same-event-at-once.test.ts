import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { type MessageToRecord, recordDeliveries } from '../../../db/delivery-path/record-deliveries.js';
import { insertWebhook } from '../../../db/webhooks/webhooks.js';
import { startTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.close());

const OPEN = { description: null, eventTypes: null, metadata: {}, rateLimit: null };
const ROUNDS = 20;

function message(accountId: string, eventIds: string[], { batch }: { batch: boolean }): MessageToRecord {
  const event = (eventId: string, index: number) => ({
    eventId,
    eventType: 'order.paid',
    timestamp: '2026-11-23T10:00:00Z',
    position: batch ? index : null,
  });
  const documents = eventIds.map(() => ({ data: {} }));
  const raw = JSON.stringify(batch ? documents : documents[0]);
  return { accountId, workflowId: randomUUID(), receivedAtMs: Date.now(), raw, events: eventIds.map(event) };
}

/** Two processes record at the same moment, often enough for their statements to overlap. */
async function recordedTwice(second: { batch: boolean }) {
  const accountId = randomUUID();
  const webhook = { id: randomUUID(), url: 'https://hooks.acme.com/', secretEnc: Buffer.alloc(64) };
  await insertWebhook(database.db, accountId, { ...webhook, ...OPEN });
  const kinds: Record<string, number> = {};
  for (let round = 0; round < ROUNDS; round++) {
    const eventId = `evt_${String(round)}`;
    const one = message(accountId, [eventId], { batch: true });
    const other = { ...message(accountId, [eventId], second), receivedAtMs: one.receivedAtMs + 1 };
    const recorded = await Promise.all([one, other].map((each) => recordDeliveries(database.db, [each])));
    for (const { kind } of recorded.flat()) kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  return kinds;
}

test('an event that a batch and a single message bring at the same moment has one delivery', async () => {
  expect(await recordedTwice({ batch: false })).toEqual({ ready: ROUNDS, known: ROUNDS });
});

test('an event that two batches bring at the same moment has one delivery', async () => {
  expect(await recordedTwice({ batch: true })).toEqual({ ready: ROUNDS, known: ROUNDS });
});

test('an event that several messages of one micro-batch bring belongs to the first of them', async () => {
  const accountId = randomUUID();
  const webhook = { id: randomUUID(), url: 'https://hooks.acme.com/', secretEnc: Buffer.alloc(64) };
  await insertWebhook(database.db, accountId, { ...webhook, ...OPEN });
  const later = { ...message(accountId, ['evt_1', 'evt_2'], { batch: true }), receivedAtMs: Date.now() + 5 };
  const first = message(accountId, ['evt_1'], { batch: false });
  const atOnce = message(accountId, ['evt_1'], { batch: true });
  const recorded = await recordDeliveries(database.db, [later, first, { ...atOnce, receivedAtMs: first.receivedAtMs }]);
  const results = recorded.map(({ kind, workflowId }) => [kind, workflowId]);
  expect(results).toHaveLength(4);
  expect(results).toEqual(
    expect.arrayContaining([
      ['ready', first.workflowId],
      ['known', atOnce.workflowId],
      ['known', later.workflowId],
      ['ready', later.workflowId],
    ]),
  );
});

test('messages of several accounts never wait for each other in a circle', async () => {
  const [a, b] = [randomUUID(), randomUUID()];
  const pair = (...accounts: string[]) => accounts.map((id, i) => message(id, [randomUUID()], { batch: i === 0 }));
  const rounds = Array.from({ length: ROUNDS }, () => [pair(a, b), pair(b, a)]).flat();
  await expect(Promise.all(rounds.map((each) => recordDeliveries(database.db, each)))).resolves.toBeDefined();
});
