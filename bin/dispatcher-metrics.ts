import { collectDefaultMetrics, Counter, Gauge, Histogram, register } from 'prom-client';
import type { AttemptLog } from '../activities/attempt-log.js';
import type { MessageResult } from '../bridge/conclude.js';

/** Read when the page is asked for. */
export interface Levels {
  inFlight: () => number;
  lanes: Record<'fast' | 'slow', { inUse: () => number; waiting: () => number }>;
  breakerOpen: () => boolean;
}

/** Counters are labelled by closed sets only: never by account, endpoint or event type. */
export function createDispatcherMetrics() {
  collectDefaultMetrics();
  const messages = new Counter({
    name: 'dispatcher_messages_total',
    help: 'Messages by what became of them',
    labelNames: ['result'] as const,
  });
  const attempts = new Histogram({
    name: 'dispatcher_attempt_duration_seconds',
    help: 'Time from sending a request to its answer',
    labelNames: ['outcome', 'code', 'trigger'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  });
  return {
    message: (result: MessageResult) => messages.inc({ result }),
    attempt: ({ outcome, code, trigger, durationMs }: AttemptLog) =>
      attempts.observe({ outcome, code: code ?? 'none', trigger }, durationMs / 1_000),
    watch,
    text: () => register.metrics(),
  };
}

function watch({ inFlight, lanes, breakerOpen }: Levels): void {
  gauge('dispatcher_messages_in_flight', 'Messages whose first attempts are not over', inFlight);
  gauge('dispatcher_breaker_open', '1 while nothing is pulled because a dependency is away', () =>
    Number(breakerOpen()),
  );
  for (const [lane, { inUse, waiting }] of Object.entries(lanes)) {
    gauge(`dispatcher_${lane}_lane_in_use`, 'Requests that are being made', inUse);
    gauge(`dispatcher_${lane}_lane_waiting`, 'Attempts that wait for a slot', waiting);
  }
}

function gauge(name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    collect() {
      this.set(read());
    },
  });
}
