import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AttemptBatch } from '../../contracts/workflows/deliver-webhook.js';
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

let world: WorkflowWorld;
beforeAll(async () => {
  world = await startWorkflowWorld();
}, 300_000);
afterAll(() => world.close());

const twoEndpoints = [
  { webhookId: WEBHOOK_A, deliveryIds: [delivery(1)] },
  { webhookId: WEBHOOK_B, deliveryIds: [delivery(2)] },
];

describe('later attempts', () => {
  test('take turns by endpoint in the queue, and say in the Temporal UI what they are', async () => {
    const { activities } = fakeActivities(({ attempt }) => (attempt === 1 ? FAILED : DELIVERED));
    const scheduled = await world.run(activities, anInput({ endpoints: twoEndpoints }), async (handle) => {
      await handle.result();
      const { events } = await handle.fetchHistory();
      return (events ?? []).filter((event) => event.activityTaskScheduledEventAttributes);
    });
    const keys = scheduled.map((event) => event.activityTaskScheduledEventAttributes?.priority?.fairnessKey);
    expect(keys.sort()).toEqual([WEBHOOK_A, WEBHOOK_B].sort());
    const summaries = scheduled.map((event) => Buffer.from(event.userMetadata?.summary?.data ?? []).toString());
    expect(summaries.sort()[0]).toBe(`"attempt 2 → ${WEBHOOK_A}"`);
  });

  test('are repeated while infrastructure is lost, without consuming an attempt', async () => {
    const { activities, of } = fakeActivities(({ attempt }) => (attempt === 1 ? FAILED : DELIVERED));
    let lost = 0;
    const attemptAgain = (batch: AttemptBatch) => {
      lost += 1;
      return lost === 1 ? Promise.reject(new Error('the key service is away')) : activities.attemptAgain(batch);
    };
    const summary = await world.run({ ...activities, attemptAgain }, anInput(), (handle) => handle.result());
    expect([lost, summary]).toMatchObject([2, { delivered: 1 }]);
    expect(of('attemptAgain')).toMatchObject([{ deliveries: [{ attempt: 2 }] }]);
  });

  test('of one endpoint do not wait for another that hangs', async () => {
    const { activities } = fakeActivities(({ attempt }) => (attempt === 1 ? FAILED : DELIVERED));
    let open: () => void = () => undefined;
    const hanging = new Promise<void>((resolve) => (open = resolve));
    const attemptAgain = async (batch: AttemptBatch) => {
      if (batch.deliveries[0]?.webhookId === WEBHOOK_A) await hanging;
      return await activities.attemptAgain(batch);
    };
    await world.run({ ...activities, attemptAgain }, anInput({ endpoints: twoEndpoints }), async (handle) => {
      const states = () => handle.query<{ webhookId: string; status: string }[]>('state');
      await eventually(
        async () => (await states()).find(({ webhookId }) => webhookId === WEBHOOK_B)?.status === 'delivered',
      );
      await eventually(
        async () => (await states()).find(({ webhookId }) => webhookId === WEBHOOK_A)?.status === 'attempting',
      );
      open();
      expect(await handle.result()).toMatchObject({ delivered: 2 });
    });
  });

  test('wait at least as long as the receiver asked for', async () => {
    const { activities } = fakeActivities(({ attempt }) =>
      attempt === 1 ? { ...FAILED, retryAfterMs: HOUR } : DELIVERED,
    );
    await world.run(activities, anInput({ schedule: [0, 10] }), async (handle) => {
      const next = await eventually(
        async () => (await handle.query<{ nextAttemptAt?: string }[]>('state'))[0]?.nextAttemptAt,
      );
      expect(Date.parse(next) - Date.now()).toBeGreaterThan(0.95 * HOUR);
      await handle.terminate();
    });
  });
});

describe('a replay', () => {
  test('counts on where the last cycle ended, has the whole schedule, and tells who asked', async () => {
    const { activities, asked, of } = fakeActivities(() => FAILED);
    const replay = { requestedBy: 'support', reason: 'repaired' };
    await world.run(activities, anInput({ cycle: 2, attemptsBefore: 7, replay }), (handle) =>
      handle.result().catch(() => undefined),
    );
    const batches = asked
      .filter(({ activity }) => activity.startsWith('attempt'))
      .map(({ input }) => input as AttemptBatch);
    expect(batches.map(({ trigger, deliveries }) => [trigger, deliveries[0]?.attempt])).toEqual([
      ['replay', 8],
      ['retry', 9],
      ['retry', 10],
    ]);
    for (const batch of batches) expect(batch).toMatchObject({ cycle: 2, replay });
    expect(of('publishDeadLetter')).toMatchObject([{ cycle: 2 }]);
  });
});

describe('a cancellation', () => {
  test('during the first attempts waits for them: what was sent is told as it was, the rest ends as canceled', async () => {
    const { activities, of } = fakeActivities(({ webhookId }) => (webhookId === WEBHOOK_A ? DELIVERED : FAILED));
    let started = false;
    const attemptFirst = async (batch: AttemptBatch) => {
      started = true;
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      return await activities.attemptFirst(batch);
    };
    await world.run({ ...activities, attemptFirst }, anInput({ endpoints: twoEndpoints }), async (handle) => {
      await eventually(() => Promise.resolve(started));
      await handle.cancel();
      await handle.result().catch(() => undefined);
      expect((await handle.describe()).status.name).toBe('CANCELLED');
    });
    expect(of('cancelDeliveries')).toEqual([
      { accountId: ACCOUNT, cycle: 0, deliveryIds: [delivery(2)], reason: 'workflow_canceled' },
    ]);
  });

  test('of one delivery leaves the others of its endpoint alone, and unknown ids change nothing', async () => {
    const { activities, of } = fakeActivities(({ attempt }) => (attempt === 1 ? FAILED : DELIVERED));
    const endpoints = [{ webhookId: WEBHOOK_A, deliveryIds: [delivery(1), delivery(2)] }];
    const summary = await world.run(activities, anInput({ schedule: [0, HOUR], endpoints }), async (handle) => {
      await eventually(async () =>
        (await handle.query<{ status: string }[]>('state')).every(({ status }) => status === 'waiting'),
      );
      await handle.signal('cancel', 'nobody');
      await handle.signal('retryNow', 'nobody');
      await handle.signal('cancel', delivery(1));
      await eventually(async () => (await handle.query<{ status: string }[]>('state'))[0]?.status === 'canceled');
      await handle.signal('retryNow', WEBHOOK_A);
      return await handle.result();
    });
    expect(summary).toMatchObject({ delivered: 1, canceled: 1 });
    expect(of('attemptAgain')).toMatchObject([{ deliveries: [{ deliveryId: delivery(2) }] }]);
  });
});
