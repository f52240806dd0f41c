import { setMaxListeners } from 'node:events';
import { Client } from '@temporalio/client';
import type { Worker } from '@temporalio/worker';
import { createPrefetchCache } from '../../activities/prefetch-cache.js';
import { createAdmission } from '../../bridge/admission.js';
import { createDeadLetterPublisher } from '../../bridge/nats/dead-letters.js';
import type { DispatcherConfig } from '../../config/load-dispatcher-config.js';
import { createEndpointHealth } from '../../outbound/lanes/endpoint-health.js';
import { createLanes } from '../../outbound/lanes/create-lanes.js';
import { listenInternal } from '../process/listen-internal.js';
import type { Log } from '../process/logger.js';
import { jetStreamOptions } from '../process/nats-options.js';
import type { Lifecycle } from '../process/run-process.js';
import { createActivityDeps } from './create-activity-deps.js';
import { createBulkDeps } from './create-bulk-deps.js';
import { createWorkers } from './create-workers.js';
import { createDispatcherMetrics } from './dispatcher-metrics.js';
import type { TemporalRuntime } from './install-temporal-runtime.js';
import { type Connections, openConnections } from './open-connections.js';
import { startBridge } from './start-bridge.js';

export interface StartDispatcherDeps {
  readonly config: DispatcherConfig;
  readonly log: Log;
  readonly temporalRuntime: TemporalRuntime;
}

/** Starts connections, workers, bridge and internal listener in this order. They stop in reverse order. */
export async function startDispatcher(
  { config, log, temporalRuntime }: StartDispatcherDeps,
  lifecycle: Lifecycle,
): Promise<void> {
  const { onStop, isStopping } = lifecycle;
  const connections = await openConnections({ config, log }, lifecycle);
  const { db, nats, kms, connection } = connections;
  const client = new Client({ connection, namespace: config.temporal.namespace });
  const metrics = createDispatcherMetrics();
  const shared = { config, log, ...createSharedDeps(config, connections) };

  const deferWaitingAttempts = new AbortController();
  // Every attempt that waits for a permit adds a listener. Their number is not a leak.
  setMaxListeners(0, deferWaitingAttempts.signal);
  const deps = createActivityDeps({ ...shared, kms, metrics, stopping: deferWaitingAttempts.signal, onStop });
  const workers = await createWorkers({
    connection,
    ...config.temporal,
    slowLanePermits: config.lanes.slow,
    deps,
    bulk: createBulkDeps({ config, db, client, deps }),
  });
  runWorkers(workers, deferWaitingAttempts, lifecycle);

  const { announce: announceFirstAttempts } = deps.firstAttempts;
  const bridge = await startBridge({ ...shared, nats, client, announceFirstAttempts, metrics });
  metrics.registerGauges({
    ...bridge,
    lanes: shared.lanes,
    inFlight: shared.admission.messagesInFlight,
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

/** Creates the state that the bridge and the activities of this process share. */
function createSharedDeps(config: DispatcherConfig, { db, nats }: Pick<Connections, 'db' | 'nats'>) {
  const jetStream = nats.jetstream(jetStreamOptions(config.nats));
  const health = createEndpointHealth({ now: Date.now });
  return {
    db,
    jetStream,
    health,
    deadLetters: createDeadLetterPublisher(jetStream, config.nats.deadLetterSubject),
    admission: createAdmission(config.bridge.maxInFlightMessages),
    prefetchCache: createPrefetchCache({ now: Date.now }),
    lanes: createLanes(config.lanes, health),
  };
}

/** Runs the workers. On shutdown, attempts that wait for a permit are deferred at once; requests in progress are awaited. */
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
