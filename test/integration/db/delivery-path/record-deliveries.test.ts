import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash, randomUUID } from 'node:crypto';
import type { DatabaseError } from '../../../../db/errors.js';
import { type MessageToRecord, recordDeliveries } from '../../../../db/delivery-path/record-deliveries.js';
import { startTestDatabase, type TestDatabase } from '../../../support/database.js';
import { plansOf } from '../../../support/explain.js';
import { attemptsOf, messageOf, seedWebhook } from '../../../support/rows.js';

let database: TestDatabase;
let accountId: string;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => {
  accountId = randomUUID();
});

const record = (...messages: MessageToRecord[]) => recordDeliveries(database.db, messages);
const webhook = (seed = {}, account = accountId) => seedWebhook(database.admin, account, seed);
const rows = (account = accountId) => attemptsOf(database.admin, account);
const DAY = 86_400_000;

describe('a recorded delivery', () => {
  test('has a UUIDv7 of the message’s time and of account, event and webhook, computed here in another way', async () => {
    const webhookId = await webhook();
    const receivedAtMs = 1_795_392_000_123;
    const [recorded] = await record(messageOf(accountId, { eventId: 'evt_1', receivedAtMs }));
    const bytes = createHash('sha256').update(`${accountId}:evt_1:${webhookId}`).digest().subarray(0, 16);
    bytes.writeUIntBE(receivedAtMs, 0, 6);
    bytes[6] = (Number(bytes[6]) & 0x0f) | 0x70;
    bytes[8] = (Number(bytes[8]) & 0x3f) | 0x80;
    expect(recorded?.deliveryId.replaceAll('-', '')).toBe(bytes.toString('hex'));
    expect(recorded?.deliveryId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('is a pending first attempt, and comes with all that the attempt needs', async () => {
    const webhookId = await webhook({ url: 'https://b.example.com/x', slow: true });
    const message = messageOf(accountId, { eventId: 'evt_1' });
    const [recorded] = await record(message);
    const [row] = await rows();
    expect(row).toMatchObject({ attempt: 1, cycle: 0, trigger: 'dispatch', status: 'pending', outcome: null });
    expect(row).toMatchObject({ isLatest: true, webhookId, workflowId: message.workflowId, startedAt: null });
    expect(recorded).toMatchObject({
      kind: 'ready',
      workflowId: message.workflowId,
      delivery: { webhookId, url: 'https://b.example.com/x', secretVersion: 1, slow: true, eventId: 'evt_1' },
    });
  });

  test('has exactly the body that is stored, with every digit of a number', async () => {
    await webhook();
    const data = '{"big":12345678901234567890123,"small":0.1000,"text":"ä\\u00e9\\"","nested":{"z":1,"a":[1.0,null]}}';
    const [recorded] = await record(messageOf(accountId, { data }));
    const [row] = await rows();
    if (recorded?.kind !== 'ready') throw new Error('a delivery was expected');
    expect(recorded.delivery.body).toBe(row?.body);
    for (const digits of ['12345678901234567890123', '0.1000', '1.0']) expect(recorded.delivery.body).toContain(digits);
    const { data: sent, ...rest } = JSON.parse(recorded.delivery.body) as Record<string, unknown>;
    expect(sent).toEqual(JSON.parse(data));
    expect(Object.keys(rest).sort()).toEqual(['id', 'timestamp', 'type']);
  });

  test('is kept but skipped for a disabled webhook, and not made for a removed one', async () => {
    const disabled = await webhook({ status: 'disabled' });
    await webhook({ deleted: true });
    const recorded = await record(messageOf(accountId));
    expect(recorded).toEqual([expect.objectContaining({ kind: 'skipped' })]);
    expect(await rows()).toEqual([
      expect.objectContaining({
        webhookId: disabled,
        status: 'skipped',
        outcome: 'skipped_disabled',
        nextAttemptAt: null,
      }),
    ]);
  });
});

describe('a webhook gets an event', () => {
  test.each<[string[] | null, string, boolean]>([
    [null, 'order.paid', true],
    [[], 'order.paid', false],
    [['order.paid'], 'order.paid', true],
    [['order.paid'], 'order.paid.twice', false],
    [['order.paid'], 'order', false],
    [['invoice.sent', 'order.paid'], 'order.paid', true],
    [['order.*'], 'order.paid', true],
    [['order.*'], 'order.item.added', true],
    [['order.*'], 'order', false],
    [['order.*'], 'orders.paid', false],
    [['order.*'], 'orderxpaid', false],
    [['or_er.*'], 'order.paid', false],
    [['a%.*'], 'abc.paid', false],
  ])('of %j: %s: %p', async (eventTypes, eventType, gets) => {
    await webhook({ eventTypes });
    expect(await record(messageOf(accountId, { eventType }))).toHaveLength(gets ? 1 : 0);
  });
});

describe('one statement', () => {
  test('records messages of several accounts, each for its own webhooks only', async () => {
    const other = randomUUID();
    const [own, foreign] = [await webhook(), await webhook({}, other)];
    await record(messageOf(accountId), messageOf(other), messageOf(randomUUID()));
    expect((await rows()).map(({ webhookId }) => webhookId)).toEqual([own]);
    expect((await rows(other)).map(({ webhookId }) => webhookId)).toEqual([foreign]);
  });

  test('takes each event of a batch from its place', async () => {
    await webhook();
    const { raw, ...message } = messageOf(accountId);
    const events = ['a', 'b', 'c'].map((eventId, position) => ({
      eventId,
      eventType: 'order.paid',
      timestamp: '2026-11-23T10:00:00Z',
      position,
    }));
    await record({ ...message, raw: `[{"data":{"of":"a"}},{"data":{"of":"b"}},${raw}]`, events });
    const bodies = (await rows()).map(({ body }) => JSON.parse(body ?? '') as { id: string; data: object });
    expect(Object.fromEntries(bodies.map(({ id, data }) => [id, data]))).toEqual({
      a: { of: 'a' },
      b: { of: 'b' },
      c: { n: 1 },
    });
  });

  test('sorts a large batch without its data', async () => {
    await webhook();
    const { raw: _, ...message } = messageOf(accountId);
    const data = { text: Array.from({ length: 100 }, () => 'x'.repeat(100)) };
    const ids = Array.from({ length: 100 }, (__, position) => ({ eventId: `evt_${String(position)}`, position }));
    const events = ids.map((id) => ({ ...id, eventType: 'order.paid', timestamp: '2026-11-23T10:00:00Z' }));
    const large = { ...message, raw: JSON.stringify(events.map(() => ({ data }))), events };
    const [plan] = await plansOf(database.db, (db) => recordDeliveries(db, [large]));
    expect(plan?.spilled).toBe(0);
  });

  test.each([
    ['a NUL character', '{"a":"\\u0000"}', '22P05'],
    ['a lone surrogate', '{"a":"\\ud83d"}', '22P02'],
    ['lists nested too deep', `{"a":${'['.repeat(60_000)}${']'.repeat(60_000)}}`, '54001'],
    ['a number beyond all bounds', '{"a":1e999999}', '22003'],
  ])('stores nothing at all where one message has %s', async (_, data, code) => {
    await webhook();
    const error = await record(messageOf(accountId), messageOf(accountId, { data })).catch((e: unknown) => e);
    expect(error).toMatchObject({
      name: 'DatabaseError',
      kind: 'refused_value',
      code,
    } satisfies Partial<DatabaseError>);
    expect(await rows()).toEqual([]);
  });
});

describe('recording again', () => {
  test('changes nothing and says so', async () => {
    await webhook();
    const message = messageOf(accountId);
    const [first] = await record(message);
    const before = await rows();
    expect(await record(message)).toEqual([
      { kind: 'known', deliveryId: first?.deliveryId, workflowId: message.workflowId },
    ]);
    expect(await rows()).toEqual(before);
  });

  test('leaves out a webhook that came in between: the message’s workflow knows nothing of it', async () => {
    await webhook();
    const message = messageOf(accountId);
    await record(message);
    await webhook();
    expect((await record(message)).map(({ kind }) => kind)).toEqual(['known', 'known']);
    expect(await rows()).toHaveLength(1);
  });

  test('the same event in another message is known for three days', async () => {
    await webhook();
    const receivedAtMs = 1_795_392_000_000;
    const again = (later: number) => messageOf(accountId, { eventId: 'evt_1', receivedAtMs: receivedAtMs + later });
    await record(again(0));
    expect(await record(again(3 * DAY))).toEqual([expect.objectContaining({ kind: 'known' })]);
    expect(await record(again(-DAY))).toEqual([expect.objectContaining({ kind: 'known' })]);
    expect(await record(again(3 * DAY + 1))).toEqual([expect.objectContaining({ kind: 'ready' })]);
    expect(await rows()).toHaveLength(2);
  });

  test('the same event in two messages at once is recorded for the first of the stream', async () => {
    await webhook();
    const twins = [2, 1].map((receivedAtMs) => messageOf(accountId, { eventId: 'evt_1', receivedAtMs }));
    const recorded = await record(...twins);
    expect(recorded.map(({ kind }) => kind).sort()).toEqual(['known', 'ready']);
    const [row] = await rows();
    expect(row?.deliveryId).toMatch(/^00000000-0001-/);
  });
});
