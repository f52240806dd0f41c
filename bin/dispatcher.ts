import { setMaxListeners } from 'node:events';
import { Client } from '@temporalio/client';
import type { Worker } from '@temporalio/worker';
import { createPrefetchCache } from '../activities/prefetch-cache.js';
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
import { type Connections, openConnections } from './dispatcher/open-connections.js';
import { loadConfigOrExit } from './process/load-config-or-exit.js';
import { type Lifecycle, runProcess } from './process/run-process.js';
import { startBridge } from './dispatcher/start-bridge.js';

const config = loadConfigOrExit(loadDispatcherConfig);
const log = createLogger({ role: 'dispatcher', level: config.process.logLevel });
log.info({ config: describeConfig(config) }, 'starting');
const temporalRuntime = await installTemporalRuntime(log);

/** What is opened first is closed last: the bridge stops before the workers, and the workers before their connections. */
async function start(lifecycle: Lifecycle): Promise<void> {
  const { onStop, isStopping } = lifecycle;
  const connections = await openConnections({ config, log }, lifecycle);
  const { db, nats, kms, connection } = connections;
  const metrics = createDispatcherMetrics();
  const parts = createSharedParts(connections);
  const deferWaitingAttempts = new AbortController();
  // Every attempt that waits for a permit adds a listener. Their number is not a leak.
  setMaxListeners(0, deferWaitingAttempts.signal);

  const client = new Client({ connection, namespace: config.temporal.namespace });
  const deps = createActivityDeps({ ...parts, kms, metrics, stopping: deferWaitingAttempts.signal });
  const bulk = createBulkDeps({ config, db, client, deps });
  const workers = await createWorkers({
    connection,
    ...config.temporal,
    slowLanePermits: config.lanes.slow,
    deps,
    bulk,
  });
  runWorkers(workers, deferWaitingAttempts, lifecycle);

  const { announce: announceFirstAttempts } = deps.firstAttempts;
  const bridge = await startBridge({ ...parts, nats, client, announceFirstAttempts, metrics });
  metrics.registerGauges({
    ...bridge,
    lanes: parts.lanes,
    inFlight: parts.admission.messagesInFlight,
    lanePermits: config.lanes,
  });
  const internal = await listenInternal({
    ...config.internal,
    checks: createReadinessChecks({ db, workers, isFetching: bridge.isFetching }),
    metrics: [metrics.renderMetrics, temporalRuntime.readMetrics],
    isStopping,
  });
  onStop('internal listener', internal.close);
  onStop('bridge', bridge.stop);
  log.info({ internalPort: internal.port }, 'dispatching');
}

interface ReadinessCheckDeps {
  readonly db: Connections['db'];
  readonly workers: readonly Worker[];
  readonly isFetching: () => boolean;
}

const createReadinessChecks = ({ db, workers, isFetching }: ReadinessCheckDeps) => ({
  database: () => db.query('SELECT 1').then(() => true),
  stream: isFetching,
  workers: () => workers.every((worker) => worker.getState() === 'RUNNING'),
});

/** What the bridge and the activities of this process have in common. */
function createSharedParts({ db, nats }: Pick<Connections, 'db' | 'nats'>) {
  const jetStream = nats.jetstream(jetStreamOptions(config.nats));
  const health = createEndpointHealth({ now: Date.now });
  return {
    config,
    log,
    db,
    jetStream,
    health,
    deadLetters: createDeadLetterPublisher(jetStream, config.nats.deadLetterSubject),
    admission: createAdmission(config.bridge.maxInFlightMessages),
    prefetchCache: createPrefetchCache({ now: Date.now }),
    lanes: createLanes(config.lanes, health),
  };
}

/** On shutdown, attempts that wait for a permit are deferred at once, and requests that are under way are awaited. */
function runWorkers(
  workers: readonly Worker[],
  deferWaitingAttempts: AbortController,
  { onStop, fail }: Lifecycle,
): void {
  const running = Promise.all(workers.map((worker) => worker.run()));
  running.catch(fail);
  onStop('workers', async () => {
    deferWaitingAttempts.abort();
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    await running;
  });
}

await runProcess({ log, deadlineMs: 28_000, start });
