import {
  CANCEL_SIGNAL,
  isFinalTaskState,
  PAUSE_SIGNAL,
  REPORT_QUERY,
  RESUME_SIGNAL,
  SET_RATE_SIGNAL,
} from '../domain/delivery/workflow-names.js';
import {
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  isCancellation,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';
import type { ReplayReport, ReplayTaskInput } from '../contracts/workflows/replay-deliveries.js';
import { deliveryTimeMs } from '../domain/delivery/delivery-id.js';
import { bulkActivities } from './activity-proxies.js';
import { clampReplayRate } from '../domain/delivery/replay-rate.js';

const pauseSignal = defineSignal(PAUSE_SIGNAL);
const resumeSignal = defineSignal(RESUME_SIGNAL);
/** Starts no more replays. The ones already started continue. */
const cancelSignal = defineSignal(CANCEL_SIGNAL);
/** Argument: replays a second, 1 to 100. */
const setRateSignal = defineSignal<[number]>(SET_RATE_SIGNAL);
/** Answers the task's progress. */
const reportQuery = defineQuery<ReplayReport>(REPORT_QUERY);

/** Keeps a run's history far below Temporal's limit; the next run continues from the last page. */
const PAGES_PER_RUN = 200;

/**
 * Replays an account's dead-lettered, canceled and skipped deliveries, the oldest first. A page holds one second's worth of
 * replays: one bounded read and as many workflow starts. Delivered and waiting deliveries are never replayed, and one task
 * replays no delivery twice.
 */
export async function replayDeliveries(input: ReplayTaskInput): Promise<ReplayReport> {
  const report = startReport(input);
  let after = input.continueFrom?.after;
  try {
    for (let page = 0; page < PAGES_PER_RUN; page += 1) {
      await condition(() => report.state !== 'paused');
      if (report.state === 'canceled') return report;
      after = await replayNextPage(input, report, after);
      if (after === undefined) return completeUnlessCanceled(report);
    }
  } catch (error) {
    if (isCancellation(error)) report.state = 'canceled';
    throw error;
  } finally {
    setCurrentDetails(renderReport(report));
  }
  return await continueAsNew<typeof replayDeliveries>({ ...input, continueFrom: { after, report } });
}

function startReport({ filter, ratePerSecond, requestedAtMs, continueFrom }: ReplayTaskInput): ReplayReport {
  const counts = { started: 0, already: 0, positionMs: null };
  const initial: ReplayReport = { state: 'running', filter, ratePerSecond, requestedAtMs, ...counts };
  const report = continueFrom?.report ?? initial;
  const isOver = () => isFinalTaskState(report.state);
  setHandler(pauseSignal, () => void (report.state = isOver() ? report.state : 'paused'));
  setHandler(resumeSignal, () => void (report.state = isOver() ? report.state : 'running'));
  setHandler(cancelSignal, () => void (report.state = isOver() ? report.state : 'canceled'));
  setHandler(setRateSignal, (rate) => void (report.ratePerSecond = clampReplayRate(rate)));
  setHandler(reportQuery, () => report);
  report.ratePerSecond = clampReplayRate(report.ratePerSecond);
  return report;
}

/** Replays one page, then waits as long as the rate demands. Returns where the next page begins; undefined after the last. */
async function replayNextPage(input: ReplayTaskInput, report: ReplayReport, after: string | undefined) {
  const { accountId, filter, replay, requestedAtMs: endedBeforeMs } = input;
  const { ratePerSecond } = report;
  const startedMs = Date.now();
  const page = await bulkActivities(accountId).replayPage({
    accountId,
    filter,
    replay,
    endedBeforeMs,
    limit: ratePerSecond,
    ...(after === undefined ? {} : { after }),
  });
  report.started += page.started;
  report.already += page.already;
  report.positionMs = page.after === undefined ? filter.toMs : deliveryTimeMs(page.after);
  setCurrentDetails(renderReport(report));
  const restMs = (page.started / ratePerSecond) * 1_000 - (Date.now() - startedMs);
  if (page.after !== undefined && restMs > 0) await condition(() => report.state === 'canceled', restMs);
  return page.after;
}

function completeUnlessCanceled(report: ReplayReport): ReplayReport {
  if (report.state !== 'canceled') report.state = 'completed';
  return report;
}

const formatTime = (ms: number): string => new Date(ms).toISOString();

/** Shown to operators as "Current Details" in the Temporal UI. */
const renderReport = ({ state, filter, ratePerSecond, started, already, positionMs }: ReplayReport): string =>
  [
    `**${state}**: ${String(started)} replays started, ${String(already)} were already running, at most ${String(ratePerSecond)} a second`,
    ``,
    `${filter.statuses.join(', ')} of ${filter.webhookId ?? 'every webhook'}, ${filter.eventType ?? 'every type'}, ${formatTime(filter.fromMs)} to ${formatTime(filter.toMs)}`,
    `searched up to ${positionMs === null ? 'nothing yet' : formatTime(positionMs)}`,
  ].join('\n');
