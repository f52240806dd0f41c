import { setMaxListeners } from 'node:events';
import { Client } from '@temporalio/client';
import type { Worker } from '@temporalio/worker';
import { createHandOver } from '../activities/prefetch-cache.js';
import { createAdmission } from '../bridge/admission.js';
import { createDeadLetterPublisher } from '../bridge/nats/dead-letters.js';
import { describeConfig } from '../config/describe-config.js';
import { loadDispatcherConfig } from '../config/load-dispatcher-config.js';
import { createEndpointHealth } from '../outbound/lanes/endpoint-health.js';
import { createLanes } from '../outbound/lanes/create-lanes.js';
import { createActivityDeps } from './dispatcher/create-activity-deps.js';
import { createBulkDeps } from './dispatcher/create-bulk-deps.js';
import { createWorkers } from './dispatcher/create-workers.js';
import { createDispatcherMetrics } from './dispatcher/dispatcher-metrics.js';
import { installTemporalRuntime } from './dispatcher/install-temporal-runtime.js';
import { listenInternal } from './process/listen-internal.js';
import { createLogger } from './process/logger.js';
import { jetStreamOptions } from './process/nats-options.js';
import { openConnections } from './dispatcher/open-connections.js';
import { readConfig } from './process/read-config.js';
import { type Lifecycle, runProcess } from './process/run-process.js';
import { startBridge } from './dispatcher/start-bridge.js';

const config = readConfig(loadDispatcherConfig);
const log = createLogger({ role: 'dispatcher', level: config.process.logLevel });
log.info({ config: describeConfig(config) }, 'starting');
const temporalRuntime = await installTemporalRuntime(log);

/** What is opened first is closed last: the bridge stops before the workers, and these before what they use. */
async function start(lifecycle: Lifecycle): Promise<void> {
  const { onStop, stopping } = lifecycle;
  const { nats: natsConfig, temporal } = config;
  const { db, kms, nats, connection } = await openConnections({ config, log }, lifecycle);
  const metrics = createDispatcherMetrics();
  const jetStream = nats.jetstream(jetStreamOptions(natsConfig));
  const deadLetters = createDeadLetterPublisher(jetStream, natsConfig.deadLetterSubject);
  const admission = createAdmission(config.bridge.maxInFlight);
  const handOver = createHandOver({ now: Date.now });
  const health = createEndpointHealth({ now: Date.now });
  const lanes = createLanes(config.lanes, health);
  const handBack = new AbortController();
  // Every attempt that waits for a slot listens: not a leak, however many they are.
  setMaxListeners(0, handBack.signal);

  const { namespace, taskQueue } = temporal;
  const shared = { config, log, db, admission, deadLetters, handOver };
  const deps = createActivityDeps({ ...shared, kms, lanes, health, metrics, stopping: handBack.signal });
  const client = new Client({ connection, namespace });
  const bulk = createBulkDeps({ config, db, client, deps });
  const workers = await createWorkers({ connection, namespace, taskQueue, slowLane: config.lanes.slow, deps, bulk });
  runWorkers(workers, handBack, lifecycle);

  const { announce } = deps.firstAttempts;
  const bridge = await startBridge({ ...shared, nats, jetStream, client, announce, metrics });
  const { inFlight } = admission;
  const { breaker, held, levels: stream } = bridge;
  metrics.watch({ inFlight, held, lanes, capacity: config.lanes, breaker, stream });
  const checks = {
    database: () => db.query('SELECT 1').then(() => true),
    stream: bridge.isFetching,
    workers: () => workers.every((worker) => worker.getState() === 'RUNNING'),
  };
  const internal = await listenInternal({
    ...config.internal,
    checks,
    metrics: [metrics.text, temporalRuntime.metrics],
    stopping,
  });
  onStop('internal listener', internal.close);
  onStop('bridge', bridge.stop);
  log.info({ internalPort: internal.port }, 'dispatching');
}

/** Told to stop, what waits for a slot is handed back at once; what is being sent is waited for. */
function runWorkers(workers: readonly Worker[], handBack: AbortController, { onStop, fail }: Lifecycle): void {
  const running = Promise.all(workers.map((worker) => worker.run()));
  running.catch(fail);
  onStop('workers', async () => {
    handBack.abort();
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    await running;
  });
}

await runProcess({ log, deadlineMs: 28_000, start });
