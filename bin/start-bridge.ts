import type { Client } from '@temporalio/client';
import type { JetStreamClient, NatsConnection } from 'nats';
import type { HandOver } from '../activities/hand-over.js';
import type { Admission } from '../bridge/admission.js';
import { type Breaker, createBreaker } from '../bridge/breaker.js';
import { consumerFaults } from '../bridge/check-consumer.js';
import type { DeadLetterPublisher } from '../bridge/dead-letters.js';
import { handleMessages, type HandleMessagesDeps } from '../bridge/handle-messages.js';
import { pullLoop } from '../bridge/pull-loop.js';
import { startDelivery } from '../bridge/start-delivery.js';
import type { DispatcherConfig } from '../config/load-dispatcher-config.js';
import type { Database } from '../db/client.js';
import { recordDeliveries } from '../db/record-deliveries.js';
import { discardDeliveriesOf, waitingDeliveriesOf } from '../db/recorded-deliveries.js';
import type { createDispatcherMetrics } from './dispatcher-metrics.js';
import type { Log } from './logger.js';

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
  metrics: Pick<ReturnType<typeof createDispatcherMetrics>, 'message' | 'recorded' | 'discarded'>;
}

const ACK_WAIT_MIN_MS = 15_000;
const DRAIN_MS = 10_000;

/** Starts pulling. `stop` lets the last pull run out and waits for what it brought. */
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
  const running = pullLoop(
    { nats, consumer, admission, breaker, handle: (m) => handleMessages(deps, m), expiresMs, idleHeartbeatMs, fetched },
    stopping.signal,
  );
  return {
    breaker,
    isFetching: () => Date.now() - lastFetchMs < 2 * expiresMs + 1_000,
    /** What waits in the stream, asked of the broker. */
    levels: async () => {
      const { num_pending: pending, num_ack_pending: unacknowledged } = await (await consumer()).info();
      return { pending, unacknowledged };
    },
    stop: async () => {
      stopping.abort();
      await running;
      await admission.empty(DRAIN_MS);
    },
  };
}

function handlingDeps(parts: BridgeParts, breaker: Breaker): HandleMessagesDeps {
  const { config, log, db, client, admission, deadLetters, handOver, metrics } = parts;
  const start = { client, taskQueue: config.temporal.taskQueue, schedule: config.delivery.schedule };
  return {
    ...{ stream: config.nats.stream, admission, breaker, count: metrics.message },
    record: async (messages) => {
      const recorded = await recordDeliveries(db, messages);
      metrics.recorded(recorded);
      return recorded;
    },
    waitingOf: (message) => waitingDeliveriesOf(db, message),
    discard: async (message) => {
      const discarded = await discardDeliveriesOf(db, message);
      metrics.discarded(discarded);
      return discarded;
    },
    handOver: handOver.put,
    start: (delivery) => startDelivery(start, delivery),
    publishDeadLetter: deadLetters.message,
    log: (event) => log.debug(event, 'message'),
  };
}
