import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, test } from '@jest/globals';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { DeliverWebhookInput, DeliveryState } from '../../contracts/workflows/deliver-webhook.js';
import type { AttemptOutcome } from '../../domain/delivery/outcome.js';
import { packageRoot } from '../../local/process/package-root.js';
import { eventually } from '../support/eventually.js';
import { aTask, endingPages } from '../support/fake-replay-pages.js';
import {
  anInput,
  type Asked,
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

// Not a test, although Jest runs it (`npm run record:histories`): it records the histories that replay.test.ts replays. Record
// them again only for a change that intentionally breaks running workflows. Every other change must replay them.

const long = { schedule: [0, HOUR, HOUR] };

type Handle = Parameters<Parameters<WorkflowWorld['run']>[2]>[0];

interface Recording {
  name: string;
  input?: Partial<DeliverWebhookInput>;
  script: (asked: Asked) => AttemptOutcome;
  meanwhile?: (handle: Handle) => Promise<unknown>;
}

const recordings: Recording[] = [
  { name: 'delivered-at-once', script: () => DELIVERED },
  { name: 'delivered-after-retries', script: ({ attempt }) => (attempt < 3 ? FAILED : DELIVERED) },
  { name: 'exhausted', script: () => FAILED },
  { name: 'gone', script: () => ({ kind: 'giveUp', reason: 'endpoint_gone', code: 'gone', status: 410 }) },
  { name: 'deleted', script: () => ({ kind: 'giveUp', reason: 'endpoint_deleted' }) },
  {
    name: 'deferred',
    script: ({ activity }) => (activity === 'attemptFirst' ? { kind: 'deferred', reason: 'slow' } : DELIVERED),
  },
  { name: 'retry-after', script: ({ attempt }) => (attempt < 2 ? { ...FAILED, retryAfterMs: 1_000 } : DELIVERED) },
  {
    name: 'canceled-by-signal',
    input: long,
    script: () => FAILED,
    meanwhile: (handle) => handle.signal('cancel', delivery(1)),
  },
  {
    name: 'retried-by-signal',
    input: long,
    script: ({ attempt }) => (attempt < 2 ? FAILED : DELIVERED),
    meanwhile: (handle) => handle.signal('retryNow', WEBHOOK_A),
  },
  { name: 'workflow-canceled', input: long, script: () => FAILED, meanwhile: (handle) => handle.cancel() },
  {
    name: 'batch-to-two-endpoints',
    input: {
      endpoints: [
        { webhookId: WEBHOOK_A, deliveryIds: [1, 2, 3].map(delivery) },
        { webhookId: WEBHOOK_B, deliveryIds: [4, 5, 6].map(delivery) },
      ],
    },
    script: ({ webhookId, deliveryId, attempt }) =>
      webhookId === WEBHOOK_B && deliveryId !== delivery(4) && attempt < 3 ? FAILED : DELIVERED,
  },
  {
    name: 'replay-cycle',
    input: { cycle: 1, attemptsBefore: 3, replay: { requestedBy: 'support', reason: 'endpoint repaired' } },
    script: ({ attempt }) => (attempt < 5 ? FAILED : DELIVERED),
  },
];

let world: WorkflowWorld;
beforeAll(async () => {
  world = await startWorkflowWorld();
}, 300_000);
afterAll(() => world.close());

test.each(recordings)('$name', async ({ name, input, script, meanwhile }) => {
  const { activities } = fakeActivities(script);
  await world.run(activities, anInput(input), async (handle) => {
    if (meanwhile !== undefined) {
      await eventually(async () =>
        (await handle.query<DeliveryState[]>('state')).every(({ status }) => status === 'waiting'),
      );
      await meanwhile(handle);
    }
    await handle.result().catch(() => undefined);
    await record(name, handle);
  });
});

test('replay-task', async () => {
  const { activities, input } = aTask([delivery(1), delivery(2)]);
  await world.runTask(activities, input, async (handle) => {
    await handle.signal('pause');
    await handle.signal('resume');
    await handle.result();
    await record('replay-task', handle);
  });
});

test.each([
  ['trial-answered', DELIVERED],
  ['trial-unfinished', { kind: 'deferred', reason: 'capacity' }],
] as const)('%s', async (name, outcome) => {
  const { activities } = fakeActivities(() => outcome);
  await world.runWebhookTest(activities, async (handle) => {
    await handle.result();
    await record(name, handle);
  });
});

test('deliveries-of-a-deleted-webhook', async () => {
  const { activities } = endingPages([delivery(1), delivery(2)]);
  await world.runEnding(activities, async (handle) => {
    await handle.result();
    await record('deliveries-of-a-deleted-webhook', handle);
  });
});

async function record(name: string, handle: Pick<Handle, 'fetchHistory'>): Promise<void> {
  const history = historyToJSON(await handle.fetchHistory());
  writeFileSync(join(packageRoot(), 'test', 'histories', `${name}.json`), `${anonymous(history)}\n`);
}

/** Removes process ids, host names and folders from identities, sticky queue names and stack traces. */
const anonymous = (history: string): string =>
  JSON.stringify(
    JSON.parse(history.replaceAll(/"\d+@[^"-]*/g, '"worker').replaceAll(`${packageRoot()}/`, '')),
    null,
    1,
  );
