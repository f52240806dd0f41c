import { expect, test } from '@jest/globals';
import { type DemoEndpoint, createPlan } from '../../../demo/plan.js';

const endpoint = (eventTypes: string[], failures: number): DemoEndpoint => ({
  name: 'any',
  path: '/hooks/any',
  query: '',
  behavior: 'any',
  eventTypes,
  failures,
});
const works = endpoint(['message.*'], 0);
const flaky = endpoint(['message.read'], 2);
const broken = endpoint(['message.failed'], Number.POSITIVE_INFINITY);

test('every event goes once to each endpoint whose filter matches', () => {
  const plan = createPlan(
    [[{ type: 'message.read' }], [{ type: 'message.failed' }, { type: 'message' }]],
    [works, flaky],
  );
  expect(plan).toMatchObject({ events: 3, deliveries: 3, atOnce: 2, afterRetries: 1, deadLettered: 0 });
});

test('an endpoint that fails twice costs three requests, a broken one the whole schedule and its replay', () => {
  expect(createPlan([[{ type: 'message.read' }]], [flaky])).toMatchObject({ requests: 3, afterRetries: 1 });
  expect(createPlan([[{ type: 'message.failed' }]], [broken])).toMatchObject({ requests: 5, deadLettered: 1 });
});

test('a workflow fails once per message, also with several dead-lettered deliveries', () => {
  const failed = { type: 'message.failed' };
  const plan = createPlan([[failed, failed], [failed], [{ type: 'message.read' }]], [works, broken]);
  expect(plan).toMatchObject({ deadLettered: 3, failedWorkflows: 2 });
});

test('a delivery that succeeds within the schedule is not dead-lettered', () => {
  expect(createPlan([[{ type: 'a' }]], [endpoint(['a'], 3)])).toMatchObject({ afterRetries: 1, deadLettered: 0 });
  expect(createPlan([[{ type: 'a' }]], [endpoint(['a'], 4)])).toMatchObject({ afterRetries: 0, deadLettered: 1 });
});
