import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AttemptOutcome } from '../../domain/delivery/outcome.js';
import { endingPages } from '../support/fake-replay-pages.js';
import {
  ACCOUNT,
  delivery,
  fakeActivities,
  startWorkflowWorld,
  WEBHOOK_A,
  type WorkflowWorld,
} from '../support/workflow-world.js';

let world: WorkflowWorld;
beforeAll(async () => {
  world = await startWorkflowWorld();
}, 300_000);
afterAll(() => world.close());

const unfinished = { accountId: ACCOUNT, cycle: 0, deliveryIds: [delivery(1)], reason: 'test_unfinished' };

test.each<[string, AttemptOutcome, unknown[]]>([
  ['succeeds', { kind: 'delivered', status: 204 }, []],
  ['fails', { kind: 'retry', code: 'http_error', status: 500 }, []],
  ['is not made for want of a slot', { kind: 'deferred', reason: 'capacity' }, [unfinished]],
  ['meets a deleted endpoint', { kind: 'giveUp', reason: 'endpoint_deleted' }, [unfinished]],
])('a test that %s is one attempt, and has an outcome', async (_, outcome, canceled) => {
  const { activities, of } = fakeActivities(() => outcome);
  await world.runWebhookTest(activities, (handle) => handle.result());
  expect(of('attemptAgain')).toMatchObject([{ trigger: 'test', schedule: [0], deliveries: [{ attempt: 1 }] }]);
  expect([of('attemptFirst'), of('publishDeadLetter'), of('cancelDeliveries')]).toEqual([[], [], canceled]);
});

test('what waits for a deleted webhook is ended page by page', async () => {
  const { activities, asked } = endingPages([delivery(1), delivery(2)]);
  await world.runEnding(activities, (handle) => handle.result());
  expect(asked).toEqual(
    [undefined, delivery(1), delivery(2)].map((after) => {
      return { accountId: ACCOUNT, webhookId: WEBHOOK_A, ...(after === undefined ? {} : { after }) };
    }),
  );
});
