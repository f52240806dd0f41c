import { Histogram } from 'prom-client';
import type { Observe } from '../../api/observe.js';
import type { Log } from './logger.js';

/** Creates the observer of the API: one histogram of durations, and one log line per request. */
export function createRequestObserver(log: Pick<Log, 'info' | 'error'>): Observe {
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request to the end of its response',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  });
  return ({ error, ...request }) => {
    const { method, route, status, durationMs } = request;
    duration.observe({ method, route, status }, durationMs / 1_000);
    if (error === undefined) log.info(request, 'request');
    else log.error({ ...request, err: error }, 'request failed');
  };
}
