import type { ActivityDeps } from '../../activities/index.js';
import { createFirstAttempts, type FirstAttempts } from '../../activities/first-attempts.js';
import type { PrefetchCache } from '../../activities/prefetch-cache.js';
import { createRevalidator } from '../../activities/create-revalidator.js';
import { createOutcomeWriter } from '../../activities/outcome-writer.js';
import type { Admission } from '../../bridge/admission.js';
import type { DeadLetterPublisher } from '../../bridge/nats/dead-letters.js';
import type { DispatcherConfig } from '../../config/load-dispatcher-config.js';
import type { Database } from '../../db/client.js';
import { loadAttempts } from '../../db/delivery-path/load-attempts.js';
import { revalidateAttempts } from '../../db/delivery-path/revalidate-attempts.js';
import { persistAttempts, type FinishedAttemptRow } from '../../db/delivery-path/persist-attempts.js';
import { reserveRequests } from '../../db/delivery-path/reserve-requests.js';
import { readDeliveryRecords, setOutcomes } from '../../db/delivery-path/set-outcomes.js';
import { createDataKeys } from '../../keys/data-keys.js';
import type { Kms } from '../../keys/kms.js';
import { createSecretBox } from '../../keys/secret-box.js';
import type { EndpointHealth } from '../../outbound/lanes/endpoint-health.js';
import { createGuardedPost } from '../../outbound/guarded-post.js';
import type { Lane } from '../../outbound/lanes/lane.js';
import { readTrustedCa } from '../../outbound/trusted-ca.js';
import type { createDispatcherMetrics } from './dispatcher-metrics.js';
import type { Log } from '../process/logger.js';
import type { Lifecycle } from '../process/run-process.js';

export interface DispatcherDeps {
  readonly config: DispatcherConfig;
  readonly log: Log;
  readonly db: Database;
  readonly kms: Kms;
  readonly lanes: Record<'fast' | 'slow', Lane>;
  readonly health: EndpointHealth;
  readonly prefetchCache: PrefetchCache;
  readonly admission: Admission;
  readonly deadLetters: DeadLetterPublisher;
  readonly metrics: ReturnType<typeof createDispatcherMetrics>;
  readonly stopping: AbortSignal;
  readonly onStop: Lifecycle['onStop'];
}

export function createActivityDeps(shared: DispatcherDeps): ActivityDeps & { firstAttempts: FirstAttempts } {
  const { config, log, db, kms, lanes, health, prefetchCache, admission, deadLetters, metrics, stopping } = shared;
  const now = Date.now;
  const persist = (rows: readonly FinishedAttemptRow[]) => persistAttempts(db, rows);
  const ca = readTrustedCa(config.outbound.trustCa);
  const { post, closeConnections } = createGuardedPost({ ca, ...config.outbound, ...config.connections });
  shared.onStop('connections to receivers', closeConnections);
  const deps = {
    prefetchCache,
    stopping,
    now,
    persistAttempts: persist,
    health,
    schedule: config.delivery.schedule,
    reserveRequests: (endpoint) => reserveRequests(db, endpoint),
    loadAttempts: (accountId, requests) => loadAttempts(db, accountId, requests),
    trackPendingAttempt: createRevalidator({ revalidateAttempts: (attempts) => revalidateAttempts(db, attempts), now }),
    setOutcomes: async (change) => {
      metrics.countOutcome(change.outcome, await setOutcomes(db, change));
    },
    readDeliveryRecords: (accountId, deliveryIds) => readDeliveryRecords(db, accountId, deliveryIds),
    publishDeliveryDeadLetter: deadLetters.publishDeliveryDeadLetter,
    firstAttemptOver: admission.firstAttemptOver,
    firstAttemptsOver: admission.firstAttemptsOver,
    fastLane: lanes.fast,
    slowLane: lanes.slow,
    writer: createOutcomeWriter({
      persistAttempts: persist,
      countUnwrittenAttempts: () => admission.deliveriesInFlight() + lanes.slow.inUse() + lanes.slow.waiting(),
    }),
    secrets: createSecretBox({ dataKeys: createDataKeys({ kms, now }) }),
    post,
    report: (error) => log.warn({ err: error }, 'an activity failed'),
    log: (line) => {
      metrics.observeAttempt(line, now());
      log.info(line, 'attempt');
    },
  } satisfies Omit<ActivityDeps, 'firstAttempts'>;
  return { ...deps, firstAttempts: createFirstAttempts(deps) };
}
