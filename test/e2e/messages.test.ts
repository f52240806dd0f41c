import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DeliverySummary } from '../../contracts/workflows/deliver-webhook.js';
import type { ServiceProcess } from '../../local/own-processes.js';
import { eventually } from '../support/eventually.js';
import { countMessages } from '../support/metrics.js';
import { answer, type Handler, type Receiver, startReceiver } from '../support/receiver.js';
import { createScenario } from '../support/scenario.js';
import { type Stack, startStack } from '../support/stack.js';
import { drained } from '../support/stream.js';

const BATCH = 100;
const ATTEMPTS = 10;

let stack: Stack;
let dispatcher: ServiceProcess;
beforeAll(async () => {
  // The same number of attempts as the default schedule.
  stack = await startStack({ RETRY_SCHEDULE: ['0', ...Array.from({ length: ATTEMPTS - 1 }, () => '100ms')].join(',') });
  dispatcher = await stack.processes.startDispatcher();
}, 120_000);
afterAll(() => stack.close(), 60_000);

test('an event that no endpoint wants is acknowledged and counted', async () => {
  const { register, event, publish, path, rows } = createScenario(stack);
  const otherAccount = createScenario(stack);
  await register(path('ok'), { eventTypes: ['order.paid'] });
  await publish(event({ type: 'order.refunded' }));
  await otherAccount.publish(otherAccount.event());
  await drained(stack);
  expect(await countMessages(dispatcher, 'unmatched')).toBe(2);
  expect([await rows(), await otherAccount.rows()]).toEqual([[], []]);
  expect(await stack.parts.customer.requests(path('ok'))).toEqual([]);
});

describe('an endpoint with the filter message.* gets', () => {
  const cases: [type: string, matches: boolean][] = [
    ['message.delivered', true],
    ['message.status.changed', true],
    ['message', false],
    ['message_sent', false],
    ['messages.delivered', false],
    ['order.message.delivered', false],
  ];
  test.concurrent.each(cases)('%s: %s', async (type, matches) => {
    const { register, event, publish, path, settled } = createScenario(stack);
    const some = await register(path('ok', '/some'), { eventTypes: ['other.type', 'message.*'] });
    const all = await register(path('ok', '/all'));
    const sent = event({ type });
    await publish(sent);
    const to = (await settled(sent.id)).map(({ webhookId }) => webhookId).sort();
    expect(to).toEqual((matches ? [some.id, all.id] : [all.id]).sort());
  });
});

describe('CloudEvents', () => {
  type Event = ReturnType<ReturnType<typeof createScenario>['event']>;
  const cloudEvent = ({ id, accountId, type, timestamp, data }: Event) => {
    const optional = { subject: 'receipt', datacontenttype: 'application/json', traceparent: '00-a-b-01' };
    return {
      specversion: '1.0',
      id,
      source: '/receipts',
      type,
      time: timestamp,
      accountid: accountId,
      data,
      ...optional,
    };
  };
  const received = async (path: string) =>
    (await stack.parts.customer.requests(path)).map(({ body }) => JSON.parse(body) as { id: string });
  const sentAs = ({ id, type, timestamp, data }: Event) => ({ id, type, timestamp, data });

  test.concurrent('one by one are delivered as our own events are', async () => {
    const { register, event, publish, path, settled } = createScenario(stack);
    await register(path('ok'));
    const sent = event();
    await publish(cloudEvent(sent));
    expect(await settled(sent.id)).toMatchObject([{ outcome: 'delivered' }]);
    expect(await received(path('ok'))).toEqual([sentAs(sent)]);
  });

  test.concurrent('in batches are delivered as our own events are', async () => {
    const { register, event, publish, path, rows } = createScenario(stack);
    await register(path('ok'));
    const sent = [event(), event(), event()];
    await publish(sent.map(cloudEvent));
    await eventually(async () => (await rows()).filter(({ outcome }) => outcome === 'delivered').length === 3);
    const bodies = await received(path('ok'));
    expect(bodies).toEqual(expect.arrayContaining(sent.map(sentAs)));
    expect(bodies).toHaveLength(3);
  });
});

describe(`a batch of ${String(BATCH)} events to an endpoint that works and one that fails some of them`, () => {
  const FOREVER = 10;
  const TWICE = 25;
  let run: Awaited<ReturnType<typeof deliverBatch>>;
  let failing: Receiver;
  beforeAll(async () => {
    failing = await startReceiver(failSome);
    run = await deliverBatch();
  }, 120_000);
  afterAll(() => failing.close());

  /** Events 0…9 never succeed, events 10…34 fail twice. */
  const failSome: Handler = (request, response) => {
    const number = Number(String(request.headers['webhook-id']).split('-')[1]);
    const attempt = Number(request.headers['webhook-attempt']);
    const fails = number < FOREVER || (number < FOREVER + TWICE && attempt < 3);
    return answer({ status: fails ? 500 : 200 })(request, response);
  };

  async function deliverBatch() {
    const scenario = createScenario(stack);
    const { register, event, publish, rows, letters, path } = scenario;
    const working = await register(path('ok'));
    const troubled = await register(failing.url);
    const events = Array.from({ length: BATCH }, (_, n) => event({ id: `batch-${String(n)}` }));
    await publish(events);
    const all = await eventually(async () => {
      const latest = (await rows()).filter(({ isLatest }) => isLatest);
      return latest.length === 2 * BATCH && latest.every(({ outcome }) => outcome !== null) && (await rows());
    }, 60_000);
    const received = await stack.parts.customer.requests(path('ok'));
    return { rows: all, working, troubled, received, letters: await letters(), workflowId: all[0]!.workflowId };
  }
  const numberOf = (eventId: string) => Number(eventId.split('-')[1]);

  test('gives every event and endpoint a delivery and a webhook-id of its own', () => {
    const latest = run.rows.filter(({ isLatest }) => isLatest);
    expect(new Set(latest.map(({ deliveryId }) => deliveryId)).size).toBe(2 * BATCH);
    expect(new Set(latest.map(({ webhookId, eventId }) => `${webhookId} ${eventId}`)).size).toBe(2 * BATCH);
    expect(new Set(run.rows.map(({ workflowId }) => workflowId)).size).toBe(1);
    expect(run.received).toHaveLength(BATCH);
    expect(new Set(run.received.map(({ webhookId }) => webhookId)).size).toBe(BATCH);
    expect(run.received.every(({ signatureValid, attempt }) => signatureValid && attempt === 1)).toBe(true);
  });

  test('repeats only what failed, and only there', () => {
    const attempts = (webhookId: string) => run.rows.filter((row) => row.webhookId === webhookId);
    expect(attempts(run.working.id)).toHaveLength(BATCH);
    for (const { eventId, attempt, isLatest, outcome } of attempts(run.troubled.id)) {
      const number = numberOf(eventId);
      const last = number < FOREVER ? ATTEMPTS : number < FOREVER + TWICE ? 3 : 1;
      expect([eventId, attempt <= last, isLatest]).toEqual([eventId, true, attempt === last]);
      expect(outcome).toBe(attempt < last ? null : number < FOREVER ? 'dead_lettered' : 'delivered');
    }
    expect(failing.requests).toHaveLength(FOREVER * ATTEMPTS + TWICE * 3 + (BATCH - FOREVER - TWICE));
  });

  test('gives every exhausted delivery a dead letter of its own', () => {
    const deadLetters = run.letters.map(({ eventId, webhookId, attempts }) => [numberOf(eventId), webhookId, attempts]);
    const expected = Array.from({ length: FOREVER }, (_, n) => [n, run.troubled.id, ATTEMPTS]);
    expect(deadLetters.sort((a, b) => Number(a[0]) - Number(b[0]))).toEqual(expected);
  });

  test('fails with the numbers, and needs about a hundred events of history', async () => {
    const handle = stack.temporal.workflow.getHandle(run.workflowId);
    const failure: unknown = await handle.result().catch((error: unknown) => error);
    const summary: DeliverySummary = {
      delivered: 2 * BATCH - FOREVER,
      dead_lettered: FOREVER,
      canceled: 0,
      skipped_disabled: 0,
    };
    expect(failure).toMatchObject({ cause: { message: '10 of 200 deliveries dead-lettered', details: [summary] } });
    const { historyLength } = await handle.describe();
    expect(historyLength).toBeGreaterThan(ATTEMPTS * 5);
    expect(historyLength).toBeLessThan(150);
  });
});
