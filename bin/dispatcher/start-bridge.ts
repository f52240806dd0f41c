import type { Client } from '@temporalio/client';
import type { JetStreamClient, NatsConnection } from 'nats';
import type { FirstAttempts } from '../../activities/first-attempts.js';
import type { HandOver } from '../../activities/prefetch-cache.js';
import type { Admission } from '../../bridge/admission.js';
import { admitLoop, type AdmitLoopDeps } from '../../bridge/admit-loop.js';
import { type Breaker, createBreaker } from '../../bridge/breaker.js';
import { consumerFaults } from '../../bridge/nats/check-consumer.js';
import type { DeadLetterPublisher } from '../../bridge/nats/dead-letters.js';
import { handleMessages, type HandleMessagesDeps } from '../../bridge/handle-messages.js';
import { pullLoop } from '../../bridge/nats/pull-loop.js';
import { startDelivery } from '../../bridge/start-delivery.js';
import { createWindow } from '../../bridge/prefetch-buffer.js';
import type { DispatcherConfig } from '../../config/load-dispatcher-config.js';
import type { Database } from '../../db/client.js';
import { recordDeliveries } from '../../db/delivery-path/record-deliveries.js';
import { discardDeliveriesOf, waitingDeliveriesOf } from '../../db/delivery-path/recorded-deliveries.js';
import type { createDispatcherMetrics } from './dispatcher-metrics.js';
import { settleDeliveries } from '../../db/delivery-path/set-outcomes.js';
import type { Log } from '../process/logger.js';

export interface BridgeParts {
  config: DispatcherConfig;
  log: Log;
  db: Database;
  nats: NatsConnection;
  jetStream: JetStreamClient;
  client: Client;
  admission: Admission;
  deadLetters: DeadLetterPublisher;
  handOver: HandOver;
  announce: FirstAttempts['announce'];
  metrics: Pick<ReturnType<typeof createDispatcherMetrics>, 'message' | 'recorded' | 'discarded' | 'timed'>;
}

const ACK_WAIT_MIN_MS = 15_000;
const DRAIN_MS = 10_000;
/** The shortest `ack_wait` that a consumer may have, twice over. */
const KEEP_EVERY_MS = 7_000;

/** Starts pulling. `stop` lets the last pull run out, gives back what was not begun and waits for what was. */
export async function startBridge(parts: BridgeParts) {
  const { config, log, nats, jetStream, admission } = parts;
  const { stream, durable, fetchExpiresMs: expiresMs, idleHeartbeatMs } = config.nats;
  const consumer = () => jetStream.consumers.get(stream, durable);
  for (const fault of consumerFaults(await (await consumer()).info(), ACK_WAIT_MIN_MS)) throw new Error(fault);

  const breaker = createBreaker(Date.now);
  const stopping = new AbortController();
  let lastFetchMs = 0;
  const fetched = (error: unknown) => {
    if (error === undefined) lastFetchMs = Date.now();
    else log.warn({ err: error }, 'a fetch failed');
  };
  const deps = handlingDeps(parts, breaker);
  const window = createWindow({ capacity: config.bridge.window });
  const handle: AdmitLoopDeps['handle'] = (batch, recorded) => handleMessages(deps, batch, recorded);
  const running = Promise.all([
    pullLoop({ nats, consumer, window, breaker, expiresMs, idleHeartbeatMs, fetched }, stopping.signal),
    admitLoop({ window, admission, breaker, handle }, stopping.signal),
  ]);
  const keeping = setInterval(window.keep, KEEP_EVERY_MS);
  return {
    breaker,
    // With much to do nothing is fetched.
    isFetching: () => window.held() > 0 || Date.now() - lastFetchMs < 2 * expiresMs + 1_000,
    held: window.held,
    /** What waits in the stream, asked of the broker. */
    levels: async () => {
      const { num_pending: pending, num_ack_pending: unacknowledged } = await (await consumer()).info();
      return { pending, unacknowledged };
    },
    stop: async () => {
      stopping.abort();
      await running;
      clearInterval(keeping);
      window.giveBack();
      await admission.empty(DRAIN_MS);
    },
  };
}

function handlingDeps(parts: BridgeParts, breaker: Breaker): HandleMessagesDeps {
  const { config, log, db, client, admission, deadLetters, handOver, announce, metrics } = parts;
  const start = { client, taskQueue: config.temporal.taskQueue, schedule: config.delivery.schedule };
  return {
    ...{ stream: config.nats.stream, admission, breaker, announce, count: metrics.message },
    record: async (messages) => {
      const recorded = await metrics.timed('record', () => recordDeliveries(db, messages));
      metrics.recorded(recorded);
      return recorded;
    },
    waitingOf: (message) => waitingDeliveriesOf(db, message),
    discard: async (message) => {
      const discarded = await discardDeliveriesOf(db, message);
      metrics.discarded(discarded);
      return discarded;
    },
    settle: (settlement) => settleDeliveries(db, settlement),
    handOver: handOver.put,
    start: (delivery) => metrics.timed('start', () => startDelivery(start, delivery)),
    publishDeadLetter: deadLetters.message,
    log: (event) => log.debug(event, 'message'),
  };
}
