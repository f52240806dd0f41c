import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AttemptBatch, DeadLetterRequest } from '../../contracts/workflows/deliver-webhook.js';
import { eventually } from '../support/eventually.js';
import {
  anInput,
  delivery,
  DELIVERED,
  FAILED,
  fakeActivities,
  startWorkflowWorld,
  type WorkflowWorld,
} from '../support/workflow-world.js';

let world: WorkflowWorld;
beforeAll(async () => {
  world = await startWorkflowWorld();
}, 300_000);
afterAll(() => world.close());

const ended = (result: Promise<unknown>) => result.catch(() => undefined);

/** A promise with its resolve function. */
function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

test('an attempt that was made when the workflow was canceled is recorded as what it was', async () => {
  const { activities, of } = fakeActivities(() => FAILED);
  const facts = { deliveryId: delivery(1), attempt: 2, startedAtMs: 1, durationMs: 2, secretVersion: 1 };
  const [started, canceled] = [gate(), gate()];
  const attemptAgain = async (_batch: AttemptBatch) => {
    started.open();
    await canceled.opened;
    return [{ deliveryId: delivery(1), outcome: DELIVERED, unrecorded: facts }];
  };
  await world.run({ ...activities, attemptAgain }, anInput(), async (handle) => {
    await started.opened;
    await handle.cancel();
    canceled.open();
    await ended(handle.result());
  });
  expect(of('recordAttempts')).toMatchObject([{ attempts: [{ outcome: DELIVERED, facts }] }]);
  expect(of('cancelDeliveries')).toEqual([]);
});

test('a dead letter whose publishing began is published although the workflow is canceled', async () => {
  const { activities, of } = fakeActivities(() => FAILED);
  let tried = 0;
  const publishDeadLetter = async (request: DeadLetterRequest) => {
    tried += 1;
    if (tried === 1) throw new Error('the broker is away');
    await activities.publishDeadLetter(request);
  };
  await world.run({ ...activities, publishDeadLetter }, anInput({ schedule: [0] }), async (handle) => {
    await eventually(async () => tried === 1);
    await handle.cancel();
    await ended(handle.result());
  });
  expect(of('publishDeadLetter')).toMatchObject([{ deliveryIds: [delivery(1)], reason: 'retries_exhausted' }]);
  expect(of('cancelDeliveries')).toEqual([]);
});
