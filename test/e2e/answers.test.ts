import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { WorkflowFailedError } from '@temporalio/client';
import { deliveryDeadLetterSchema } from '../../contracts/bus/dead-letter.js';
import { freePort } from '../../local/process/free-port.js';
import { selfSigned } from '../support/certificates.js';
import { eventually } from '../support/eventually.js';
import { answer, endlessBody, type Handler, rawAnswer, type Receiver, startReceiver } from '../support/receiver.js';
import { createScenario } from '../support/scenario.js';
import { type Stack, startStack } from '../support/stack.js';

/** Long enough to read a waiting delivery. */
const WAIT_MS = 2_500;
const JITTER = 0.2;

let stack: Stack;
const receivers: Receiver[] = [];
beforeAll(async () => {
  stack = await startStack({ RETRY_SCHEDULE: `0,${String(WAIT_MS)}ms,200ms` });
  await stack.processes.startDispatcher();
}, 120_000);
afterAll(async () => {
  await Promise.all(receivers.map((receiver) => receiver.close()));
  await stack.close();
}, 60_000);

const receiverOf = async (handler: Handler, options: Parameters<typeof startReceiver>[1] = {}) => {
  const receiver = await startReceiver(handler, options);
  receivers.push(receiver);
  return receiver.url;
};

/** Registers, publishes, and resolves with the first attempt while the delivery waits for the next one. */
async function failedOnce(url: string) {
  const scenario = createScenario(stack);
  const webhook = await scenario.register(url);
  const sent = scenario.event();
  await scenario.publish(sent);
  const [row, ...others] = await scenario.waiting(sent.id);
  expect(others).toEqual([]);
  const delayMs = row!.nextAttemptAt!.getTime() - row!.finishedAt!.getTime();
  return { ...scenario, webhook, sent, row: row!, delayMs };
}

const path = (behavior: string, query = '') => `${stack.parts.customer.url}/hooks/${behavior}${query}`;

describe('an attempt fails, says why, and is followed by the next one of the schedule, after', () => {
  const cases: [name: string, url: () => string | Promise<string>, code: string, status: number | null][] = [
    ['a redirect', () => path('redirect'), 'redirect', 302],
    ['a permanent redirect', () => path('status', '?code=308'), 'redirect', 308],
    ['404', () => path('status', '?code=404'), 'http_error', 404],
    ['429', () => path('status', '?code=429'), 'http_error', 429],
    ['500', () => path('status', '?code=500'), 'http_error', 500],
    ['503', () => path('status', '?code=503'), 'http_error', 503],
    ['a refused connection', async () => `http://127.0.0.1:${String(await freePort())}/`, 'refused', null],
    ['a reset connection', () => path('reset'), 'reset', null],
    [
      'a certificate of an unknown authority',
      () => receiverOf(answer(), { tls: selfSigned({ names: 'IP:127.0.0.1' }) }),
      'tls',
      null,
    ],
    ['an answer that is not HTTP', () => receiverOf(rawAnswer('SMTP ready\r\n\r\n')), 'protocol', null],
    ['five seconds of silence', () => path('hang'), 'timeout', null],
    [
      'five seconds without the end of the headers',
      () => receiverOf(rawAnswer('HTTP/1.1 200 OK\r\nx-slow: 1\r\n', { keepOpen: true })),
      'timeout',
      null,
    ],
  ];
  test.concurrent.each(cases)('%s', async (_name, url, code, status) => {
    const { row, rows, sent, delayMs } = await failedOnce(await url());
    expect(row).toMatchObject({ attempt: 1, trigger: 'dispatch', status: 'failed', outcome: null, errorCode: code });
    expect(row).toMatchObject({ responseStatus: status, isLatest: true });
    const tookMs = row.finishedAt!.getTime() - row.startedAt!.getTime();
    expect(Math.floor(tookMs / 4_900)).toBe(code === 'timeout' ? 1 : 0);
    expect(delayMs).toBeGreaterThanOrEqual(WAIT_MS * (1 - JITTER));
    expect(delayMs).toBeLessThanOrEqual(WAIT_MS * (1 + JITTER));
    const second = await eventually(async () => (await rows({ eventId: sent.id }))[1], 20_000);
    expect(second).toMatchObject({ attempt: 2, trigger: 'retry', status: 'failed', errorCode: code });
    // The workflow's timer starts a moment after the time in the row.
    expect(second.startedAt!.getTime()).toBeGreaterThanOrEqual(row.nextAttemptAt!.getTime());
  });

  /** The code depends on the name server of the machine. test/integration/outbound/names.test.ts uses its own name server. */
  test.concurrent('a name that cannot be resolved', async () => {
    const { row } = await failedOnce('https://absent.example.com/hook');
    expect(row).toMatchObject({ status: 'failed', responseStatus: null });
    expect(['dns', 'timeout']).toContain(row.errorCode);
  });
});

describe('a delivery is delivered by', () => {
  const cases: [name: string, url: () => string | Promise<string>, status: number][] = [
    ['200', () => path('status', '?code=200'), 200],
    ['202', () => path('status', '?code=202'), 202],
    ['299', () => path('status', '?code=299'), 299],
    ['200 with a body that never stops', () => receiverOf(endlessBody()), 200],
    ['200 with a body that drips until the deadline', () => path('endless'), 200],
  ];
  test.concurrent.each(cases)('%s', async (_name, url, status) => {
    const { register, event, publish, settled } = createScenario(stack);
    await register(await url());
    const sent = event();
    await publish(sent);
    const [row, ...others] = await settled(sent.id);
    expect(others).toEqual([]);
    expect(row).toMatchObject({ status: 'succeeded', outcome: 'delivered', responseStatus: status, errorCode: null });
    expect(row?.preview?.length ?? 0).toBeLessThanOrEqual(512);
    const handle = stack.temporal.workflow.getHandle(row!.workflowId);
    expect(await handle.result()).toEqual({ delivered: 1, dead_lettered: 0, canceled: 0, skipped_disabled: 0 });
    expect((await handle.describe()).status.name).toBe('COMPLETED');
  });
});

describe('Retry-After', () => {
  const inTwentySeconds = () => encodeURIComponent(new Date(Date.now() + 20_000).toUTCString());
  const DAY_MS = 24 * 60 * 60 * 1_000;
  const scheduled = [WAIT_MS * (1 - JITTER), WAIT_MS * (1 + JITTER)];
  const cases: [name: string, header: () => string, from: number, to: number][] = [
    ['in seconds is a floor', () => '4', 4_000, 4_000],
    // HTTP-dates have no fractions of a second, and the attempt is made a moment after the date was computed.
    ['as a date is a floor', inTwentySeconds, 10_000, 20_000],
    ['below the schedule changes nothing', () => '0', scheduled[0]!, scheduled[1]!],
    [
      'in the past changes nothing',
      () => encodeURIComponent('Wed, 21 Oct 2015 07:28:00 GMT'),
      scheduled[0]!,
      scheduled[1]!,
    ],
    ['beyond a day is a day', () => '99999999999999999999', DAY_MS, DAY_MS],
    ['that cannot be read changes nothing', () => 'soon', scheduled[0]!, scheduled[1]!],
  ];
  test.concurrent.each(cases)('%s', async (_name, header, from, to) => {
    const { row, delayMs } = await failedOnce(path('status', `?code=503&retry-after=${header()}`));
    expect(delayMs).toBeGreaterThanOrEqual(from);
    expect(delayMs).toBeLessThanOrEqual(to);
    const handle = stack.temporal.workflow.getHandle(row.workflowId);
    const [state] = await handle.query<{ nextAttemptAt: string; attempt: number }[]>('state');
    expect(state).toMatchObject({
      attempt: 2,
      status: 'waiting',
      lastResponseStatus: 503,
      lastErrorCode: 'http_error',
    });
    // The same wait by two clocks: the server's clock in the workflow, and the clock of the process that wrote the row.
    expect(Math.abs(Date.parse(state!.nextAttemptAt) - row.nextAttemptAt!.getTime())).toBeLessThan(1_000);
  });

  test.concurrent('is waited for', async () => {
    const { row, rows, sent } = await failedOnce(path('status', '?code=429&retry-after=4'));
    const second = await eventually(async () => (await rows({ eventId: sent.id }))[1]);
    expect(second.startedAt!.getTime() - row.finishedAt!.getTime()).toBeGreaterThanOrEqual(4_000);
  });
});

test.concurrent('410 disables the endpoint and ends the delivery at once, with one dead letter', async () => {
  const { register, path: uniquePath, event, publish, settled, letters, call, rows } = createScenario(stack);
  const webhook = await register(uniquePath('gone'));
  const sent = event();
  await publish(sent);
  await settled(sent.id);
  expect(await rows()).toMatchObject([
    { status: 'failed', errorCode: 'gone', responseStatus: 410, outcome: 'dead_lettered', nextAttemptAt: null },
  ]);
  const { body } = await call('GET', `/v1/webhooks/${webhook.id}`);
  expect(body).toMatchObject({ status: 'disabled', disabledReason: 'gone' });
  expect(await letters()).toMatchObject([{ reason: 'endpoint_gone', attempts: 1, lastResponseStatus: 410 }]);
  expect(await stack.parts.customer.requests(webhook.path)).toHaveLength(1);
});

test.concurrent(
  'an exhausted schedule ends with exactly one dead letter, in sight of operations and the API',
  async () => {
    const { register, path: uniquePath, event, publish, settled, letters, call, accountId } = createScenario(stack);
    const webhook = await register(uniquePath('broken'));
    const sent = event();
    await publish(sent);
    const all = await settled(sent.id);
    expect(all.map(({ attempt, status, outcome }) => [attempt, status, outcome])).toEqual([
      [1, 'failed', null],
      [2, 'failed', null],
      [3, 'failed', 'dead_lettered'],
    ]);
    const { deliveryId, workflowId } = all[0]!;
    const [letter, ...others] = await letters();
    expect(others).toEqual([]);
    expect(deliveryDeadLetterSchema.parse(letter)).toMatchObject({
      id: `${deliveryId}:0`,
      reason: 'retries_exhausted',
      accountId,
      webhookId: webhook.id,
      deliveryId,
      workflowId,
      eventId: sent.id,
      eventType: sent.type,
      cycle: 0,
      attempts: 3,
      lastErrorCode: 'http_error',
      lastResponseStatus: 500,
      replay: { method: 'POST', path: `/v1/deliveries/${deliveryId}/retry` },
    });
    const failure: unknown = await stack.temporal.workflow
      .getHandle(workflowId)
      .result()
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(WorkflowFailedError);
    expect(failure).toMatchObject({
      cause: { type: 'DeliveryExhausted', message: '1 of 1 deliveries dead-lettered', details: [{ dead_lettered: 1 }] },
    });
    const { body } = await call('GET', `/v1/deliveries/${deliveryId}`);
    expect(body).toMatchObject({ status: 'dead_lettered', outcomeReason: 'retries_exhausted', attemptCount: 3 });
    const received = await stack.parts.customer.requests(webhook.path);
    expect(received.map(({ attempt, webhookId }) => [attempt, webhookId])).toEqual([1, 2, 3].map((n) => [n, sent.id]));
  },
);
