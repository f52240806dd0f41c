import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import type { Log } from './logger.js';

const LEVELS = { TRACE: 'debug', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;
/** The core sometimes prints a whole backtrace as one line. */
const MAX_MESSAGE = 2_000;

/**
 * Once, before any connection. Temporal's lines go to our log, which lets no error text through; and it must not react to
 * signals by itself, because the order of closing is ours.
 */
export function installTemporalRuntime(log: Log): void {
  const logger = new DefaultLogger('INFO', ({ level, message, meta }) => {
    const { error: err, workflowId, runId, activityType, attempt } = (meta ?? {}) as Record<string, unknown>;
    const fields = { workflowId, runId, activityType, attempt, ...(err === undefined ? {} : { err }) };
    log[LEVELS[level]](fields, message.slice(0, MAX_MESSAGE));
  });
  const filter = makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' });
  Runtime.install({ logger, shutdownSignals: [], telemetryOptions: { logging: { filter, forward: {} } } });
}
