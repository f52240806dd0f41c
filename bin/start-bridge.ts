import type { Client } from '@temporalio/client';
import type { JetStreamClient, NatsConnection } from 'nats';
import type { HandOver } from '../activities/hand-over.js';
import type { Admission } from '../bridge/admission.js';
import { createBreaker } from '../bridge/breaker.js';
import { consumerFaults } from '../bridge/check-consumer.js';
import type { MessageResult } from '../bridge/conclude.js';
import type { DeadLetterPublisher } from '../bridge/dead-letters.js';
import { handleMessages } from '../bridge/handle-messages.js';
import { pullLoop } from '../bridge/pull-loop.js';
import { startDelivery } from '../bridge/start-delivery.js';
import type { DispatcherConfig } from '../config/load-dispatcher-config.js';
import type { Database } from '../db/client.js';
import { recordDeliveries } from '../db/record-deliveries.js';
import { discardDeliveriesOf, waitingDeliveriesOf } from '../db/recorded-deliveries.js';
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
  count: (result: MessageResult) => void;
}

const ACK_WAIT_MIN_MS = 15_000;
const DRAIN_MS = 10_000;

/** Starts pulling. `stop` lets the last pull run out and waits for what it brought. */
export async function startBridge(parts: BridgeParts) {
  const { config, log, db, nats, jetStream, client, admission, deadLetters, handOver, count } = parts;
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
  const { taskQueue } = config.temporal;
  const deps = {
    ...{ stream, admission, breaker, count },
    record: (messages: Parameters<typeof recordDeliveries>[1]) => recordDeliveries(db, messages),
    waitingOf: (message: Parameters<typeof waitingDeliveriesOf>[1]) => waitingDeliveriesOf(db, message),
    discard: (message: Parameters<typeof discardDeliveriesOf>[1]) => discardDeliveriesOf(db, message),
    handOver: handOver.put,
    start: (delivery: Parameters<typeof startDelivery>[1]) =>
      startDelivery({ client, taskQueue, schedule: config.delivery.schedule }, delivery),
    publishDeadLetter: deadLetters.message,
    log: (event: object) => log.debug(event, 'message'),
  };
  const running = pullLoop(
    { nats, consumer, admission, breaker, handle: (m) => handleMessages(deps, m), expiresMs, idleHeartbeatMs, fetched },
    stopping.signal,
  );
  return {
    breaker,
    isFetching: () => Date.now() - lastFetchMs < 2 * expiresMs + 1_000,
    stop: async () => {
      stopping.abort();
      await running;
      await admission.empty(DRAIN_MS);
    },
  };
}
