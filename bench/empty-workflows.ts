// Yardstick: the same server and SDK with nothing of ours. Starts an empty workflow eagerly and runs its one local activity,
// as many at once as the bridge takes in. Prints one JSON line a state: `measuring`, then `done` with the times.
// node dist/bench/empty-workflows.js --address HOST:PORT --count N --in-flight M
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { DELIVERY_WORKER } from '../bin/dispatcher/worker-options.js';
import { clock } from './clock.js';
import { sayState } from './yardstick-state.js';

const { values } = parseArgs({
  options: { address: { type: 'string' }, count: { type: 'string' }, 'in-flight': { type: 'string' } },
});
const WARM_UP = 150;
const taskQueue = `bench-empty-${randomUUID()}`;

const arrivals: number[] = [];
const connection = await NativeConnection.connect({
  address: values.address ?? '',
  grpcCompression: { codec: 'none' },
});
const worker = await Worker.create({
  ...DELIVERY_WORKER,
  connection,
  taskQueue,
  workflowsPath: fileURLToPath(new URL('./empty-workflow.js', import.meta.url)),
  activities: {
    nothing: () => {
      arrivals.push(clock());
      return Promise.resolve();
    },
  },
});
const running = worker.run();
const client = new Client({ connection });

/** A place is free again when the activity has run, as in the bridge: the workflow's end is not waited for. */
async function run(count: number): Promise<void> {
  const from = arrivals.length;
  let started = 0;
  const places = Number(values['in-flight']);
  await new Promise<void>((resolve, reject) => {
    const fill = () => {
      while (started < count && started - (arrivals.length - from) < places) {
        started += 1;
        const options = { taskQueue, workflowId: randomUUID(), requestEagerStart: true, args: [] };
        client.workflow.start('emptyWorkflow', options).catch(reject);
      }
      if (arrivals.length - from >= count) resolve();
      else setTimeout(fill, 1);
    };
    fill();
  });
}

await run(WARM_UP);
sayState({ state: 'measuring' });
await run(Number(values.count));
sayState({ state: 'done', arrivals: arrivals.slice(WARM_UP) });
// Until we are told to end: the runtime shuts the worker down.
await running;
await connection.close();
