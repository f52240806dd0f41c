import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ReplayReport } from '../../contracts/workflows/replay-deliveries.js';
import { eventually } from '../support/eventually.js';
import { aTask } from '../support/fake-replay-pages.js';
import { delivery, startWorkflowWorld, type WorkflowWorld } from '../support/workflow-world.js';

let world: WorkflowWorld;
beforeAll(async () => {
  world = await startWorkflowWorld();
}, 300_000);
afterAll(() => world.close());

const many = (n: number) => Array.from({ length: n }, (_none, index) => delivery(index + 1));

test('a task goes from page to page until there is none, over more pages than one run makes', async () => {
  const { activities, input, asked } = aTask(many(205), { ratePerSecond: 100 });
  const report = await world.runTask(activities, input, (handle) => handle.result());
  expect(report).toMatchObject({ state: 'completed', started: 205, already: 0, positionMs: 1_000 });
  expect(asked.map(({ after }) => after)).toEqual([undefined, ...many(205)]);
  expect(asked.every(({ limit, endedBeforeMs }) => limit === 100 && endedBeforeMs === 1_000)).toBe(true);
});

test('a task that is paused asks for nothing more until it is resumed or canceled, at the rate it is set to', async () => {
  const { activities, input, asked } = aTask(many(100), { ratePerSecond: 1 });
  const report = await world.runTask(activities, input, async (handle) => {
    await handle.signal('setRate', 1_000);
    await handle.signal('pause');
    await eventually(async () => (await handle.query<ReplayReport>('report')).state === 'paused');
    const before = asked.length;
    await handle.signal('cancel');
    const result = await handle.result();
    expect(asked.length).toBeLessThanOrEqual(before + 1);
    return result;
  });
  expect(report).toMatchObject({ state: 'canceled', ratePerSecond: 100 });
});
