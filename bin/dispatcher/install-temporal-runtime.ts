import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import { listenHttp } from '../process/listen-http.js';
import type { Log } from '../process/logger.js';

const LEVELS = { TRACE: 'debug', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;
/** The core sometimes prints a whole backtrace as one line. */
const MAX_MESSAGE = 2_000;
const READ_TIMEOUT_MS = 1_000;

export interface TemporalRuntime {
  /** What the SDK counts, in the Prometheus text format; a comment where its exporter does not answer. */
  readonly readMetrics: () => Promise<string>;
}

/**
 * Once, before any connection. Temporal's lines go to our log, which lets no error text through; it must not react to
 * signals by itself, because the order of closing is ours; and its metrics, which it serves only on a port of its own, are
 * served on loopback, for our page to take over.
 */
export async function installTemporalRuntime(log: Log): Promise<TemporalRuntime> {
  const logger = new DefaultLogger('INFO', ({ level, message, meta }) => {
    const { error: err, workflowId, runId, activityType, attempt } = (meta ?? {}) as Record<string, unknown>;
    const fields = { workflowId, runId, activityType, attempt, ...(err === undefined ? {} : { err }) };
    log[LEVELS[level]](fields, message.slice(0, MAX_MESSAGE));
  });
  const filter = makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' });
  const bindAddress = `127.0.0.1:${await freeLoopbackPort()}`;
  // The names that the published dashboards of the SDK expect.
  const prometheus = { bindAddress, countersTotalSuffix: true, unitSuffix: true, useSecondsForDurations: true };
  Runtime.install({
    logger,
    shutdownSignals: [],
    telemetryOptions: { logging: { filter, forward: {} }, metrics: { prometheus } },
  });
  return { readMetrics: () => readPage(`http://${bindAddress}/metrics`) };
}

/** The SDK takes port 0 but tells nobody which one it got. */
async function freeLoopbackPort(): Promise<number> {
  const probe = await listenHttp({ app: () => undefined, host: '127.0.0.1', port: 0 });
  await probe.close();
  return probe.port;
}

async function readPage(url: string): Promise<string> {
  try {
    return await (await fetch(url, { signal: AbortSignal.timeout(READ_TIMEOUT_MS) })).text();
  } catch {
    return '# the metrics of the Temporal SDK could not be read';
  }
}
