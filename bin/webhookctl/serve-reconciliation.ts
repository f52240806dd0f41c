import { setTimeout as sleep } from 'node:timers/promises';
import { Gauge, register } from 'prom-client';
import {
  DIFFERENCE_KINDS,
  RECONCILED_COUNTS,
  reconcileDeliveries,
  type ReconciliationReport,
  type ReconciliationDeps,
} from '../../cli/reconcile-deliveries.js';
import type { ListenConfig } from '../../config/groups/listeners.js';
import { listenInternal } from '../process/listen-internal.js';
import type { Log } from '../process/logger.js';
import { DAY_MS } from '../../domain/delivery/durations.js';

interface ServeReconciliationDeps {
  readonly deps: ReconciliationDeps;
  readonly internal: ListenConfig;
  readonly log: Log;
  readonly intervalMs: number;
  readonly signal: AbortSignal;
}

/** The retry schedule ends within four days. A replay of a delivery older than this is not covered. */
const DAYS = 8;
const GRACE_MS = 120_000;

/** Reconciles the last eight days every `intervalMs` and serves the result at `/metrics`, until the signal aborts. */
export async function serveReconciliation({
  deps,
  internal,
  log,
  intervalMs,
  signal,
}: ServeReconciliationDeps): Promise<void> {
  const gauges = createGauges();
  let lastRunMs = 0;
  const checks = { reconciliation: () => deps.now() - lastRunMs < 3 * intervalMs };
  const options = { ...internal, checks, metrics: [() => register.metrics()], isStopping: () => signal.aborted };
  const listener = await listenInternal(options);
  log.info({ internalPort: listener.port }, 'listening');
  while (!signal.aborted) {
    try {
      const nowMs = deps.now();
      const report = await reconcileDeliveries(deps, {
        fromMs: nowMs - DAYS * DAY_MS,
        toMs: nowMs + 1,
        graceMs: GRACE_MS,
      });
      setGauges(gauges, report, nowMs);
      for (const difference of report.differences) log.error(difference, 'reconciliation found a difference');
      lastRunMs = nowMs;
    } catch (error) {
      log.warn({ err: error }, 'reconciliation failed');
    }
    await sleep(intervalMs, undefined, { signal }).catch(() => undefined);
  }
  await listener.close();
}

function createGauges() {
  const gauge = (name: string, help: string) => new Gauge({ name, help });
  return {
    deliveries: new Gauge({
      name: 'reconciliation_deliveries',
      help: 'Deliveries accepted in the last eight days, by state',
      labelNames: ['state'] as const,
    }),
    differences: new Gauge({
      name: 'reconciliation_differences',
      help: 'Deliveries without a running workflow, or with contradictory rows',
      labelNames: ['kind'] as const,
    }),
    overdue: gauge(
      'reconciliation_overdue_deliveries',
      'Deliveries whose next attempt was due more than 15 minutes ago',
    ),
    oldest: gauge(
      'reconciliation_oldest_waiting_seconds',
      'Age of the oldest waiting delivery; 0 if no delivery waits',
    ),
    checked: gauge(
      'reconciliation_last_run_timestamp_seconds',
      'Time of the last reconciliation, in seconds since 1970',
    ),
  };
}

function setGauges(gauges: ReturnType<typeof createGauges>, report: ReconciliationReport, nowMs: number): void {
  for (const state of RECONCILED_COUNTS)
    gauges.deliveries.set(
      { state },
      report.accounts.reduce((sum, account) => sum + account[state], 0),
    );
  for (const kind of DIFFERENCE_KINDS)
    gauges.differences.set({ kind }, report.differences.filter((difference) => difference.kind === kind).length);
  gauges.overdue.set(report.overdue);
  gauges.oldest.set(report.oldestWaitingMs === undefined ? 0 : (nowMs - report.oldestWaitingMs) / 1_000);
  gauges.checked.set(nowMs / 1_000);
}
