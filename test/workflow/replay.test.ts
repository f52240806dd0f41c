import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { packageRoot } from '../../local/process/package-root.js';

const directory = join(packageRoot(), 'test', 'histories');
const workflowBundle = { codePath: join(packageRoot(), 'dist', 'workflow-bundle.js') };
const names = readdirSync(directory);
const read = (name: string): unknown => JSON.parse(readFileSync(join(directory, name), 'utf8'));

beforeAll(() => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
});

test.each(names)('%s replays: a delivery that waits now goes on after the next release', async (name) => {
  await Worker.runReplayHistory({ workflowBundle }, read(name));
});

test('a history that the code would not have made is refused', async () => {
  const changed = JSON.parse(
    JSON.stringify(read('delivered-after-retries.json')).replaceAll('"attemptAgain"', '"attemptOtherwise"'),
  ) as unknown;
  await expect(Worker.runReplayHistory({ workflowBundle }, changed)).rejects.toMatchObject({
    name: 'DeterminismViolationError',
  });
});

test('the corpus holds every way a workflow can go', () => {
  expect(names.length).toBeGreaterThanOrEqual(12);
});

test('no recorded history tells where it was made', () => {
  // An identity, or a stack trace with an absolute path.
  for (const name of names) expect(readFileSync(join(directory, name), 'utf8')).not.toMatch(/\d+@|\((?:file:\/\/)?\//);
});
