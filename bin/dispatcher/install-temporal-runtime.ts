import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import { listenHttp } from '../process/listen-http.js';
import type { Log } from '../process/logger.js';

const LEVELS = { TRACE: 'debug', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;
/** Characters. The core sometimes prints a whole backtrace as one line. */
const MAX_MESSAGE_LENGTH = 2_000;
const READ_TIMEOUT_MS = 1_000;

export interface TemporalRuntime {
  /** Reads the metrics of the SDK in the Prometheus text format. Resolves with a comment if its exporter does not answer. */
  readonly readMetrics: () => Promise<string>;
}

/**
 * Must run once, before the first connection. Log lines of the SDK go to our log, which prints no error texts. The SDK
 * must not handle signals, because our process decides the order of closing. The SDK serves its metrics only on its own
 * port; that port is bound to loopback, and our metrics page includes them.
 */
export async function installTemporalRuntime(log: Log): Promise<TemporalRuntime> {
  const logger = new DefaultLogger('INFO', ({ level, message, meta }) => {
    const { error: err, workflowId, runId, activityType, attempt } = (meta ?? {}) as Record<string, unknown>;
    const fields = { workflowId, runId, activityType, attempt, ...(err === undefined ? {} : { err }) };
    log[LEVELS[level]](fields, message.slice(0, MAX_MESSAGE_LENGTH));
  });
  const filter = makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' });
  const bindAddress = `127.0.0.1:${await findFreeLoopbackPort()}`;
  // Names as the published dashboards of the SDK expect them.
  const prometheus = { bindAddress, countersTotalSuffix: true, unitSuffix: true, useSecondsForDurations: true };
  Runtime.install({
    logger,
    shutdownSignals: [],
    telemetryOptions: { logging: { filter, forward: {} }, metrics: { prometheus } },
  });
  return { readMetrics: () => readPage(`http://${bindAddress}/metrics`) };
}

/** The SDK accepts port 0 but does not report the port that it received. */
async function findFreeLoopbackPort(): Promise<number> {
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
