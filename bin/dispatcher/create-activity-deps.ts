import type { ActivityDeps } from '../../activities/index.js';
import { createFirstAttempts, type FirstAttempts } from '../../activities/first-attempts.js';
import type { HandOver } from '../../activities/prefetch-cache.js';
import { createRecheck } from '../../activities/create-revalidator.js';
import { createOutcomeWriter } from '../../activities/outcome-writer.js';
import type { Admission } from '../../bridge/admission.js';
import type { DeadLetterPublisher } from '../../bridge/nats/dead-letters.js';
import type { DispatcherConfig } from '../../config/load-dispatcher-config.js';
import type { Database } from '../../db/client.js';
import { loadAttempts } from '../../db/delivery-path/load-attempts.js';
import { recheckAttempts } from '../../db/delivery-path/revalidate-attempts.js';
import { persistAttempts, type SettledRow } from '../../db/delivery-path/persist-attempts.js';
import { reserveRequests } from '../../db/delivery-path/reserve-requests.js';
import { readDeliveries, settleDeliveries } from '../../db/delivery-path/set-outcomes.js';
import { createDataKeys } from '../../keys/data-keys.js';
import type { Kms } from '../../keys/kms.js';
import { createSecretBox } from '../../keys/secret-box.js';
import type { EndpointHealth } from '../../outbound/lanes/endpoint-health.js';
import { createGuardedPost } from '../../outbound/guarded-post.js';
import type { Lane } from '../../outbound/lanes/lane.js';
import { readSystemCa } from '../../outbound/system-ca.js';
import type { createDispatcherMetrics } from './dispatcher-metrics.js';
import type { Log } from '../process/logger.js';

export interface DispatcherParts {
  config: DispatcherConfig;
  log: Log;
  db: Database;
  kms: Kms;
  lanes: Record<'fast' | 'slow', Lane>;
  health: EndpointHealth;
  handOver: HandOver;
  admission: Admission;
  deadLetters: DeadLetterPublisher;
  metrics: ReturnType<typeof createDispatcherMetrics>;
  stopping: AbortSignal;
}

export function createActivityDeps(parts: DispatcherParts): ActivityDeps & { firstAttempts: FirstAttempts } {
  const { config, log, db, kms, lanes, health, handOver, admission, deadLetters, metrics, stopping } = parts;
  const now = Date.now;
  const persist = (rows: readonly SettledRow[]) => persistAttempts(db, rows);
  const deps = {
    ...{ handOver, stopping, now, persist, health },
    schedule: config.delivery.schedule,
    reserve: (endpoint) => reserveRequests(db, endpoint),
    load: (accountId, requests) => loadAttempts(db, accountId, requests),
    beginWaiting: createRecheck({ read: (asked) => recheckAttempts(db, asked), now }),
    settle: async (settlement) => {
      metrics.ended(settlement.outcome, await settleDeliveries(db, settlement));
    },
    readDeliveries: (accountId, deliveryIds) => readDeliveries(db, accountId, deliveryIds),
    publishDeadLetter: deadLetters.delivery,
    firstAttemptOver: admission.firstAttemptOver,
    firstAttemptsOver: admission.firstAttemptsOver,
    fastLane: lanes.fast,
    slowLane: lanes.slow,
    writer: createOutcomeWriter({
      persist,
      underWay: () => admission.deliveries() + lanes.slow.inUse() + lanes.slow.waiting(),
    }),
    secrets: createSecretBox({ dataKeys: createDataKeys({ kms, now }) }),
    post: createGuardedPost({
      ca: readSystemCa(),
      ...config.outbound,
      concurrency: config.lanes.fast + config.lanes.slow,
    }),
    report: (error) => log.warn({ err: error }, 'an activity failed'),
    log: (line) => {
      metrics.attempt(line, now());
      log.info(line, 'attempt');
    },
  } satisfies Omit<ActivityDeps, 'firstAttempts'>;
  return { ...deps, firstAttempts: createFirstAttempts(deps) };
}
