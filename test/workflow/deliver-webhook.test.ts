import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { buildFirstBatch } from '../../activities/first-attempts.js';
import type { AttemptBatch, DeadLetterRequest, DeliveryState } from '../../contracts/workflows/deliver-webhook.js';
import { eventually } from '../support/eventually.js';
import {
  ACCOUNT,
  anInput,
  delivery,
  DELIVERED,
  FAILED,
  fakeActivities,
  HOUR,
  startWorkflowWorld,
  WEBHOOK_A,
  WEBHOOK_B,
  type WorkflowWorld,
} from '../support/workflow-world.js';

const twoEndpoints = [
  { webhookId: WEBHOOK_A, deliveryIds: [delivery(1)] },
  { webhookId: WEBHOOK_B, deliveryIds: [delivery(2)] },
];

let world: WorkflowWorld;
beforeAll(async () => {
  world = await startWorkflowWorld();
}, 300_000);
afterAll(() => world.close());

const failureOf = async (result: Promise<unknown>): Promise<unknown> => {
  const error: unknown = await result.catch((thrown: unknown) => thrown);
  return error instanceof WorkflowFailedError ? error.cause : error;
};

describe('attempts', () => {
  test('a delivery that succeeds at once costs one local activity and nothing else', async () => {
    const { activities, asked } = fakeActivities(() => DELIVERED);
    const summary = await world.run(activities, anInput(), (handle) => handle.result());
    expect(summary).toEqual({ delivered: 1, dead_lettered: 0, canceled: 0, skipped_disabled: 0 });
    expect(asked.map(({ activity }) => activity)).toEqual(['attemptFirst']);
  });

  test('the first activity asks for just what may have been begun with the start', async () => {
    const { activities, of } = fakeActivities(() => DELIVERED);
    const endpoints = [{ webhookId: WEBHOOK_A, deliveryIds: [delivery(1), delivery(3)] }, ...twoEndpoints.slice(1)];
    const input = anInput({ endpoints });
    const workflowId = await world.run(activities, input, async (handle) => {
      await handle.result();
      return handle.workflowId;
    });
    expect(of('attemptFirst')).toEqual([buildFirstBatch({ ...input, workflowId }, input.schedule)]);
  });

  test('failed attempts are repeated on the retry queue with the next number until one succeeds', async () => {
    const { activities, of } = fakeActivities(({ attempt }) => (attempt < 3 ? FAILED : DELIVERED));
    await world.run(activities, anInput(), (handle) => handle.result());
    const later = of('attemptAgain') as AttemptBatch[];
    expect(later.map(({ deliveries, trigger }) => [deliveries[0]?.attempt, trigger])).toEqual([
      [2, 'retry'],
      [3, 'retry'],
    ]);
  });

  test('an exhausted schedule publishes one dead letter and fails the workflow as DeliveryExhausted', async () => {
    const { activities, of } = fakeActivities(() => FAILED);
    const failure = await world.run(activities, anInput(), (handle) => failureOf(handle.result()));
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({ type: 'DeliveryExhausted', message: '1 of 1 deliveries dead-lettered' });
    expect(of('publishDeadLetter')).toEqual([
      { accountId: ACCOUNT, cycle: 0, deliveryIds: [delivery(1)], reason: 'retries_exhausted' },
    ]);
  });

  test('one failing endpoint holds up neither the other nor its result', async () => {
    const { activities, of } = fakeActivities(({ webhookId, attempt }) =>
      webhookId === WEBHOOK_A
        ? { kind: 'giveUp', reason: 'endpoint_gone', status: 410 }
        : attempt < 3
          ? FAILED
          : DELIVERED,
    );
    const input = anInput({ endpoints: twoEndpoints });
    const failure = await world.run(activities, input, (handle) => failureOf(handle.result()));
    expect(failure).toMatchObject({ message: '1 of 2 deliveries dead-lettered' });
    expect((of('publishDeadLetter') as DeadLetterRequest[]).map(({ reason }) => reason)).toEqual(['endpoint_gone']);
    expect(of('attemptAgain')).toHaveLength(2);
  });

  test('a deleted endpoint is dead-lettered as such, and the workflow completes', async () => {
    const { activities, of } = fakeActivities(() => ({ kind: 'giveUp', reason: 'endpoint_deleted' }));
    const summary = await world.run(activities, anInput(), (handle) => handle.result());
    expect(summary).toMatchObject({ canceled: 1, dead_lettered: 0 });
    expect(of('publishDeadLetter')).toMatchObject([{ reason: 'endpoint_deleted' }]);
  });
});

describe('what consumes no attempt', () => {
  test.each(['slow', 'capacity', 'infrastructure'] as const)(
    'deferred: %s goes to the retry queue as it was',
    async (reason) => {
      const { activities, of } = fakeActivities(({ activity }) =>
        activity === 'attemptFirst' ? { kind: 'deferred', reason } : DELIVERED,
      );
      await world.run(activities, anInput(), (handle) => handle.result());
      expect(of('attemptAgain')).toMatchObject([{ trigger: 'dispatch', deliveries: [{ attempt: 1 }] }]);
    },
  );

  test('first attempts that are lost with their infrastructure', async () => {
    const { activities, of } = fakeActivities(() => DELIVERED);
    const attemptFirst = () => Promise.reject(ApplicationFailure.create({ type: 'DatabaseUnavailable', message: 'x' }));
    await world.run({ ...activities, attemptFirst }, anInput(), (handle) => handle.result());
    expect(of('attemptAgain')).toMatchObject([{ deliveries: [{ attempt: 1 }] }]);
  });

  test('outcomes without a row are recorded before anything else happens', async () => {
    const { activities, asked, of } = fakeActivities(() => DELIVERED);
    const facts = { deliveryId: delivery(1), attempt: 1, startedAtMs: 1, durationMs: 2, secretVersion: 1 };
    const attemptFirst = () => Promise.resolve([{ deliveryId: delivery(1), outcome: FAILED, unrecorded: facts }]);
    await world.run({ ...activities, attemptFirst }, anInput(), (handle) => handle.result());
    expect(asked.map(({ activity }) => activity)).toEqual(['recordAttempts', 'attemptAgain']);
    expect(of('recordAttempts')).toMatchObject([{ attempts: [{ outcome: FAILED, facts }] }]);
  });
});

describe('asked from outside', () => {
  const waiting = anInput({ schedule: [0, HOUR, HOUR], endpoints: twoEndpoints });
  const states = (handle: { query: (name: string) => Promise<unknown> }) =>
    handle.query('state') as Promise<DeliveryState[]>;
  const untilWaiting = (handle: { query: (name: string) => Promise<unknown> }) =>
    eventually(async () => (await states(handle)).every(({ status }) => status === 'waiting'));

  test('retryNow makes the attempt of that endpoint at once, and cancel ends a delivery', async () => {
    const { activities, of } = fakeActivities(({ attempt }) => (attempt === 1 ? FAILED : DELIVERED));
    const summary = await world.run(activities, waiting, async (handle) => {
      await untilWaiting(handle);
      await handle.signal('retryNow', WEBHOOK_A);
      await handle.signal('cancel', delivery(2));
      return await handle.result();
    });
    expect(summary).toMatchObject({ delivered: 1, canceled: 1 });
    expect(of('attemptAgain')).toMatchObject([
      { trigger: 'manual', deliveries: [{ deliveryId: delivery(1), attempt: 2 }] },
    ]);
    expect(of('cancelDeliveries')).toEqual([
      { accountId: ACCOUNT, cycle: 0, deliveryIds: [delivery(2)], reason: 'canceled_on_request' },
    ]);
  });

  test('state tells the attempt, the last answer and the next time', async () => {
    const { activities } = fakeActivities(() => FAILED);
    await world.run(activities, waiting, async (handle) => {
      await untilWaiting(handle);
      const [state] = await states(handle);
      expect(state).toMatchObject({
        deliveryId: delivery(1),
        attempt: 2,
        lastResponseStatus: 500,
        lastErrorCode: 'http_error',
      });
      const inMs = Date.parse(state?.nextAttemptAt ?? '') - Date.now();
      expect(inMs).toBeGreaterThan(0.79 * HOUR);
      expect(inMs).toBeLessThan(1.21 * HOUR);
      await handle.terminate();
    });
  });

  test('canceling the workflow gives every open delivery its outcome', async () => {
    const { activities, of } = fakeActivities(() => FAILED);
    await world.run(activities, waiting, async (handle) => {
      await untilWaiting(handle);
      await handle.cancel();
      await failureOf(handle.result());
      expect((await handle.describe()).status.name).toBe('CANCELLED');
    });
    expect(of('cancelDeliveries')).toEqual([
      { accountId: ACCOUNT, cycle: 0, deliveryIds: [delivery(1), delivery(2)], reason: 'workflow_canceled' },
    ]);
  });
});

test('a hundred failing deliveries of an endpoint share their retries, and history stays small', async () => {
  const { activities, of } = fakeActivities(() => FAILED);
  const deliveryIds = Array.from({ length: 100 }, (_, i) => delivery(i + 1));
  const input = anInput({ endpoints: [{ webhookId: WEBHOOK_A, deliveryIds }], schedule: Array<number>(10).fill(20) });
  const events = await world.run(activities, input, async (handle) => {
    await failureOf(handle.result());
    return (await handle.fetchHistory()).events?.length ?? 0;
  });
  expect(of('attemptAgain')).toHaveLength(9);
  expect(events).toBeLessThan(130);
});
