import type { Client } from '@temporalio/client';
import type { Consumer, JetStreamClient, NatsConnection } from 'nats';
import type { FirstAttempts } from '../../activities/first-attempts.js';
import type { PrefetchCache } from '../../activities/prefetch-cache.js';
import type { Admission } from '../../bridge/admission.js';
import { runAdmissionLoop, type AdmissionLoopDeps } from '../../bridge/admission-loop.js';
import { type Breaker, createBreaker } from '../../bridge/breaker.js';
import { consumerFaults } from '../../bridge/nats/check-consumer.js';
import type { DeadLetterPublisher } from '../../bridge/nats/dead-letters.js';
import { handleMessages, type HandleMessagesDeps } from '../../bridge/handle-messages.js';
import { runPullLoop } from '../../bridge/nats/pull-loop.js';
import { startDelivery } from '../../bridge/start-delivery.js';
import { createPrefetchBuffer } from '../../bridge/prefetch-buffer.js';
import type { DispatcherConfig } from '../../config/load-dispatcher-config.js';
import type { Database } from '../../db/client.js';
import { recordDeliveries } from '../../db/delivery-path/record-deliveries.js';
import { discardRecordedDeliveries, listPendingFirstAttempts } from '../../db/delivery-path/recorded-deliveries.js';
import type { createDispatcherMetrics } from './dispatcher-metrics.js';
import { setOutcomes } from '../../db/delivery-path/set-outcomes.js';
import type { Log } from '../process/logger.js';

export interface BridgeDeps {
  readonly config: DispatcherConfig;
  readonly log: Log;
  readonly db: Database;
  readonly nats: NatsConnection;
  readonly jetStream: JetStreamClient;
  readonly client: Client;
  readonly admission: Admission;
  readonly deadLetters: DeadLetterPublisher;
  readonly prefetchCache: PrefetchCache;
  readonly announceFirstAttempts: FirstAttempts['announce'];
  readonly metrics: Pick<
    ReturnType<typeof createDispatcherMetrics>,
    'countMessage' | 'countRecorded' | 'countDiscarded' | 'timeStep'
  >;
}

const ACK_WAIT_MIN_MS = 15_000;
const DRAIN_MS = 10_000;
/** Less than half of the shortest `ack_wait` that a consumer may have. */
const EXTEND_ACK_WAIT_INTERVAL_MS = 7_000;

/**
 * Starts to pull messages. `stop` waits for the last pull, returns messages that were not started to the stream and
 * waits for the others.
 * @throws Error if the consumer is missing or its configuration would lose messages.
 */
export async function startBridge(deps: BridgeDeps) {
  const { config, nats, jetStream, admission } = deps;
  const { stream, durable, fetchExpiresMs: expiresMs, idleHeartbeatMs } = config.nats;
  const getConsumer = () => jetStream.consumers.get(stream, durable);
  for (const fault of consumerFaults(await (await getConsumer()).info(), ACK_WAIT_MIN_MS)) throw new Error(fault);

  const breaker = createBreaker(Date.now);
  const stopping = new AbortController();
  const { reportFetch, lastFetchMs } = createFetchReport(deps.log);
  const prefetchBuffer = createPrefetchBuffer({ capacity: config.bridge.prefetchBufferMessages });
  const handleDeps = createHandleMessagesDeps(deps, breaker);
  const pullDeps = { nats, getConsumer, prefetchBuffer, breaker, expiresMs, idleHeartbeatMs, reportFetch };
  const admissionDeps: AdmissionLoopDeps = {
    prefetchBuffer,
    admission,
    breaker,
    handleMessages: (batch, onRecorded) => handleMessages(handleDeps, batch, onRecorded),
  };
  const running = Promise.all([
    runPullLoop(pullDeps, stopping.signal),
    runAdmissionLoop(admissionDeps, stopping.signal),
  ]);
  const extendTimer = setInterval(prefetchBuffer.extendAckWaits, EXTEND_ACK_WAIT_INTERVAL_MS);
  return {
    breaker,
    // While the buffer holds messages, no fetch is needed.
    isFetching: () => prefetchBuffer.size() > 0 || Date.now() - lastFetchMs() < 2 * expiresMs + 1_000,
    bufferedMessages: prefetchBuffer.size,
    readStreamLevels: () => readStreamLevels(getConsumer),
    stop: async () => {
      stopping.abort();
      await running;
      clearInterval(extendTimer);
      prefetchBuffer.returnAll();
      await admission.waitUntilEmpty(DRAIN_MS);
    },
  };
}

/** Remembers when a fetch last ended without an error. */
function createFetchReport(log: Log) {
  let lastFetchMs = 0;
  const reportFetch = (error: unknown) => {
    if (error === undefined) lastFetchMs = Date.now();
    else log.warn({ err: error }, 'a fetch failed');
  };
  return { reportFetch, lastFetchMs: () => lastFetchMs };
}

/** Reads the number of messages not yet delivered to a dispatcher, and of delivered messages not yet acknowledged. */
async function readStreamLevels(getConsumer: () => Promise<Consumer>) {
  const { num_pending: pending, num_ack_pending: unacknowledged } = await (await getConsumer()).info();
  return { pending, unacknowledged };
}

function createHandleMessagesDeps(deps: BridgeDeps, breaker: Breaker): HandleMessagesDeps {
  const { config, log, db, client, admission, deadLetters, prefetchCache, announceFirstAttempts, metrics } = deps;
  const startDeps = { client, taskQueue: config.temporal.taskQueue, schedule: config.delivery.schedule };
  return {
    stream: config.nats.stream,
    admission,
    breaker,
    announceFirstAttempts,
    countMessage: metrics.countMessage,
    recordDeliveries: async (messages) => {
      const recorded = await metrics.timeStep('record', () => recordDeliveries(db, messages));
      metrics.countRecorded(recorded);
      return recorded;
    },
    listPendingFirstAttempts: (message) => listPendingFirstAttempts(db, message),
    discardRecordedDeliveries: async (message) => {
      const discarded = await discardRecordedDeliveries(db, message);
      metrics.countDiscarded(discarded);
      return discarded;
    },
    setOutcomes: (change) => setOutcomes(db, change),
    storeDeliveries: prefetchCache.storeDeliveries,
    startDelivery: (delivery) => metrics.timeStep('start', () => startDelivery(startDeps, delivery)),
    publishMessageDeadLetter: deadLetters.publishMessageDeadLetter,
    log: (event) => log.debug(event, 'message'),
  };
}
