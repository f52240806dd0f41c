import { DELIVERY_OUTCOMES, type DeliveryOutcome } from '../../domain/delivery/statuses.js';
import { collectDefaultMetrics, Counter, Gauge, Histogram, register } from 'prom-client';
import type { AttemptLogLine } from '../../activities/attempt-log.js';
import type { MessageResult } from '../../bridge/acknowledge.js';
import type { RecordedDelivery } from '../../db/delivery-path/to-recorded-delivery.js';
import { deliveryTimeMs } from '../../domain/delivery/delivery-id.js';
import { REQUEST_CONNECTIONS } from '../../outbound/post.js';

/** Functions that read the gauges on each request of the metrics page. */
export interface GaugeReaders {
  readonly inFlight: () => number;
  readonly bufferedMessages: () => number;
  readonly lanes: Record<'fast' | 'slow', { inUse: () => number; waiting: () => number }>;
  /** Size of each lane. */
  readonly lanePermits: Record<'fast' | 'slow', number>;
  readonly breaker: { isOpen: () => boolean };
  /** Of the consumer: messages not yet delivered to a dispatcher, and messages delivered but not yet acknowledged. */
  readonly readStreamLevels: () => Promise<{ pending: number; unacknowledged: number }>;
}

/** The steps of a message: `record` writes its rows, then `start` starts its workflow. */
export type MessageStep = 'record' | 'start';

/** Creates the metrics of a dispatcher. Labels come from closed sets only, never from account, endpoint or event type. */
export function createDispatcherMetrics() {
  collectDefaultMetrics();
  const messages = new Counter({
    name: 'dispatcher_messages_total',
    help: 'Messages by result',
    labelNames: ['result'] as const,
  });
  const { attempts, firstAttempts } = createAttemptHistograms();
  const requests = createRequestCounter();
  const steps = createStepHistogram();
  const { accepted, discarded, ended } = createDeliveryCounters();
  return {
    countMessage: (result: MessageResult) => messages.inc({ result }),
    countRecorded: (deliveries: readonly RecordedDelivery[]) => {
      for (const { kind } of deliveries) {
        if (kind === 'known') continue;
        accepted.inc();
        if (kind === 'skipped') ended.inc({ outcome: 'skipped_disabled' });
      }
    },
    countDiscarded: (deliveries: number) => discarded.inc(deliveries),
    /** Runs `work` and observes its duration, also if it fails. */
    timeStep: async <T>(step: MessageStep, work: () => Promise<T>): Promise<T> => {
      const done = steps.startTimer({ step });
      return await work().finally(done);
    },
    countOutcome: (outcome: DeliveryOutcome, deliveries: number) => ended.inc({ outcome }, deliveries),
    observeAttempt: (line: AttemptLogLine, nowMs: number) => {
      const { outcome, code, trigger, durationMs, attempt, deliveryId, connection } = line;
      if (connection !== null) requests.inc({ connection });
      attempts.observe({ outcome, code: code ?? 'none', trigger }, durationMs / 1_000);
      if (outcome === 'delivered') ended.inc({ outcome });
      if (attempt === 1) firstAttempts.observe(Math.max(0, nowMs - durationMs - deliveryTimeMs(deliveryId)) / 1_000);
    },
    registerGauges,
    renderMetrics: () => register.metrics(),
  };
}

function createStepHistogram() {
  return new Histogram({
    name: 'dispatcher_step_duration_seconds',
    help: 'Time to write the rows of a micro-batch of messages (record) and to start the workflow of a message (start)',
    labelNames: ['step'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
  });
}

function createRequestCounter() {
  const requests = new Counter({
    name: 'dispatcher_requests_total',
    help: `Requests to receivers by the connection that carried them: ${REQUEST_CONNECTIONS.join(', ')}`,
    labelNames: ['connection'] as const,
  });
  for (const connection of REQUEST_CONNECTIONS) requests.inc({ connection }, 0);
  return requests;
}

function createAttemptHistograms() {
  const attempts = new Histogram({
    name: 'dispatcher_attempt_duration_seconds',
    help: 'Time from sending a request to its response',
    labelNames: ['outcome', 'code', 'trigger'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  });
  const firstAttempts = new Histogram({
    name: 'dispatcher_first_attempt_delay_seconds',
    help: 'Time from the arrival of a message in the stream to its first request, writing its rows included',
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1_800],
  });
  return { attempts, firstAttempts };
}

/** accepted − discarded = ended + waiting, summed over all processes, as long as no ended delivery is replayed. */
function createDeliveryCounters() {
  const accepted = new Counter({
    name: 'dispatcher_deliveries_accepted_total',
    help: 'Deliveries recorded, one for each event and matching endpoint',
  });
  const discarded = new Counter({
    name: 'dispatcher_deliveries_discarded_total',
    help: 'Recorded deliveries discarded because an earlier message contained the same event',
  });
  const ended = new Counter({
    name: 'dispatcher_deliveries_ended_total',
    help: 'Deliveries that reached an outcome',
    labelNames: ['outcome'] as const,
  });
  for (const outcome of DELIVERY_OUTCOMES) ended.inc({ outcome }, 0);
  return { accepted, discarded, ended };
}

function registerGauges({
  inFlight,
  bufferedMessages,
  lanes,
  lanePermits,
  breaker,
  readStreamLevels,
}: GaugeReaders): void {
  registerGauge('dispatcher_messages_in_flight', 'Messages whose first attempts have not finished', inFlight);
  registerGauge('dispatcher_prefetched_messages', 'Messages in the prefetch buffer', bufferedMessages);
  registerGauge('dispatcher_breaker_open', '1 while nothing is pulled because a dependency is unavailable', () =>
    Number(breaker.isOpen()),
  );
  for (const lane of ['fast', 'slow'] as const) {
    const { inUse, waiting } = lanes[lane];
    registerGauge(`dispatcher_${lane}_lane_permits`, 'Maximum number of concurrent requests', () => lanePermits[lane]);
    registerGauge(`dispatcher_${lane}_lane_in_use`, 'Requests in progress', inUse);
    registerGauge(`dispatcher_${lane}_lane_waiting`, 'Attempts waiting for a permit', waiting);
  }
  registerStreamGauges(readStreamLevels);
}

/** Both gauges share one request to the broker. They are NaN, which triggers no alert, if the broker does not answer. */
function registerStreamGauges(readStreamLevels: GaugeReaders['readStreamLevels']): void {
  let reading: ReturnType<GaugeReaders['readStreamLevels']> | undefined;
  const readOnce = () => {
    reading ??= readStreamLevels()
      .catch(() => ({ pending: Number.NaN, unacknowledged: Number.NaN }))
      .finally(() => (reading = undefined));
    return reading;
  };
  registerGauge(
    'dispatcher_stream_pending_messages',
    'Messages of the stream not yet delivered to a dispatcher; the same in every process',
    async () => (await readOnce()).pending,
  );
  registerGauge(
    'dispatcher_stream_unacknowledged_messages',
    'Messages delivered to a dispatcher but not acknowledged; the same in every process',
    async () => (await readOnce()).unacknowledged,
  );
}

function registerGauge(name: string, help: string, read: () => number | Promise<number>): void {
  new Gauge({
    name,
    help,
    async collect() {
      this.set(await read());
    },
  });
}
