import { DELIVERY_OUTCOMES, type DeliveryOutcome } from '../../domain/delivery/statuses.js';
import { collectDefaultMetrics, Counter, Gauge, Histogram, register } from 'prom-client';
import type { AttemptLogLine } from '../../activities/attempt-log.js';
import type { MessageResult } from '../../bridge/acknowledge.js';
import type { RecordedDelivery } from '../../db/delivery-path/to-recorded-delivery.js';
import { deliveryTimeMs } from '../../domain/delivery/delivery-id.js';

/** Read when the page is asked for. */
export interface GaugeReaders {
  readonly inFlight: () => number;
  readonly bufferedMessages: () => number;
  readonly lanes: Record<'fast' | 'slow', { inUse: () => number; waiting: () => number }>;
  /** Slots. */
  readonly lanePermits: Record<'fast' | 'slow', number>;
  readonly breaker: { isOpen: () => boolean };
  /** Of the consumer: messages that nobody was handed yet, and those handed out whose acknowledgement is missing. */
  readonly readStreamLevels: () => Promise<{ pending: number; unacknowledged: number }>;
}

/** What a message waits for, one after the other: its rows, then its workflow. */
export type MessageStep = 'record' | 'start';

/** Counters are labelled by closed sets only: never by account, endpoint or event type. */
export function createDispatcherMetrics() {
  collectDefaultMetrics();
  const messages = new Counter({
    name: 'dispatcher_messages_total',
    help: 'Messages by what became of them',
    labelNames: ['result'] as const,
  });
  const { attempts, firstAttempts } = attemptHistograms();
  const steps = stepHistogram();
  const { accepted, discarded, ended } = deliveryCounters();
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
    /** Answers what `work` does, and notes how long it took, well or not. */
    timeStep: async <T>(step: MessageStep, work: () => Promise<T>): Promise<T> => {
      const done = steps.startTimer({ step });
      return await work().finally(done);
    },
    countOutcome: (outcome: DeliveryOutcome, deliveries: number) => ended.inc({ outcome }, deliveries),
    observeAttempt: ({ outcome, code, trigger, durationMs, attempt, deliveryId }: AttemptLogLine, nowMs: number) => {
      attempts.observe({ outcome, code: code ?? 'none', trigger }, durationMs / 1_000);
      if (outcome === 'delivered') ended.inc({ outcome });
      if (attempt === 1) firstAttempts.observe(Math.max(0, nowMs - durationMs - deliveryTimeMs(deliveryId)) / 1_000);
    },
    registerGauges,
    renderMetrics: () => register.metrics(),
  };
}

function stepHistogram() {
  return new Histogram({
    name: 'dispatcher_step_duration_seconds',
    help: 'Time that a message waits for its rows (record, a micro-batch together) and for its workflow (start)',
    labelNames: ['step'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
  });
}

function attemptHistograms() {
  const attempts = new Histogram({
    name: 'dispatcher_attempt_duration_seconds',
    help: 'Time from sending a request to its answer',
    labelNames: ['outcome', 'code', 'trigger'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  });
  const firstAttempts = new Histogram({
    name: 'dispatcher_first_attempt_delay_seconds',
    help: 'Time from the message in the stream to its first request; includes what writing its row took',
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1_800],
  });
  return { attempts, firstAttempts };
}

/** accepted − discarded = ended + waiting, over all processes and as long as no replay opens an ended one again. */
function deliveryCounters() {
  const accepted = new Counter({
    name: 'dispatcher_deliveries_accepted_total',
    help: 'Deliveries recorded, one for each event and matching endpoint',
  });
  const discarded = new Counter({
    name: 'dispatcher_deliveries_discarded_total',
    help: 'Recorded deliveries taken back because another message had brought the event before',
  });
  const ended = new Counter({
    name: 'dispatcher_deliveries_ended_total',
    help: 'Deliveries that got their outcome',
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
  gauge('dispatcher_messages_in_flight', 'Messages whose first attempts are not over', inFlight);
  gauge('dispatcher_prefetched_messages', 'Messages that were pulled and wait for a place', bufferedMessages);
  gauge('dispatcher_breaker_open', '1 while nothing is pulled because a dependency is away', () =>
    Number(breaker.isOpen()),
  );
  for (const lane of ['fast', 'slow'] as const) {
    const { inUse, waiting } = lanes[lane];
    gauge(`dispatcher_${lane}_lane_permits`, 'Requests that may be made at once', () => lanePermits[lane]);
    gauge(`dispatcher_${lane}_lane_in_use`, 'Requests that are being made', inUse);
    gauge(`dispatcher_${lane}_lane_waiting`, 'Attempts that wait for a slot', waiting);
  }
  watchStream(readStreamLevels);
}

/** Both levels are one question. NaN, which no alert takes for a number, where the broker does not answer. */
function watchStream(stream: GaugeReaders['readStreamLevels']): void {
  let asked: ReturnType<GaugeReaders['readStreamLevels']> | undefined;
  const ask = () => {
    asked ??= stream()
      .catch(() => ({ pending: Number.NaN, unacknowledged: Number.NaN }))
      .finally(() => (asked = undefined));
    return asked;
  };
  gauge(
    'dispatcher_stream_pending_messages',
    'Messages of the stream that no dispatcher was handed yet; the same in every process',
    async () => (await ask()).pending,
  );
  gauge(
    'dispatcher_stream_unacknowledged_messages',
    'Messages that a dispatcher was handed and has not acknowledged; the same in every process',
    async () => (await ask()).unacknowledged,
  );
}

function gauge(name: string, help: string, read: () => number | Promise<number>): void {
  new Gauge({
    name,
    help,
    async collect() {
      this.set(await read());
    },
  });
}
