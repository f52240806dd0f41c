import {
  CANCEL_SIGNAL,
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
import { bulkActivities } from './bulk-activities.js';

const pauseSignal = defineSignal(PAUSE_SIGNAL);
const resumeSignal = defineSignal(RESUME_SIGNAL);
/** Begins no more replays; those that were begun go on. */
const cancelSignal = defineSignal(CANCEL_SIGNAL);
/** Argument: replays a second, 1 to 100. */
const setRateSignal = defineSignal<[number]>(SET_RATE_SIGNAL);
/** How far the task has come. */
const reportQuery = defineQuery<ReplayReport>(REPORT_QUERY);

const MAX_RATE = 100;
/** A run stays far below what a history may hold. */
const PAGES_A_RUN = 200;

/**
 * Sends an account's failed and skipped deliveries again, the oldest first: pages of about a second's worth, each a bounded
 * read and as many workflow starts. What is delivered or waits is never touched, and nothing is sent twice by one task.
 */
export async function replayDeliveries(input: ReplayTaskInput): Promise<ReplayReport> {
  const report = begin(input);
  let after = input.continueFrom?.after;
  try {
    for (let page = 0; page < PAGES_A_RUN; page += 1) {
      await condition(() => report.state !== 'paused');
      if (report.state === 'canceled') return report;
      after = await replayNext(input, report, after);
      if (after === undefined) return finish(report);
    }
  } catch (error) {
    if (isCancellation(error)) report.state = 'canceled';
    throw error;
  } finally {
    setCurrentDetails(describe(report));
  }
  return await continueAsNew<typeof replayDeliveries>({ ...input, continueFrom: { after, report } });
}

function begin({ filter, ratePerSecond, requestedAtMs, continueFrom }: ReplayTaskInput): ReplayReport {
  const fresh = { filter, ratePerSecond, requestedAtMs, started: 0, already: 0, positionMs: null };
  const report: ReplayReport = continueFrom?.report ?? { state: 'running', ...fresh };
  const isOver = () => report.state === 'completed' || report.state === 'canceled';
  setHandler(pauseSignal, () => void (report.state = isOver() ? report.state : 'paused'));
  setHandler(resumeSignal, () => void (report.state = isOver() ? report.state : 'running'));
  setHandler(cancelSignal, () => void (report.state = isOver() ? report.state : 'canceled'));
  setHandler(setRateSignal, (rate) => void (report.ratePerSecond = rateWithin(rate)));
  setHandler(reportQuery, () => report);
  report.ratePerSecond = rateWithin(report.ratePerSecond);
  return report;
}

const rateWithin = (rate: number): number => Math.min(MAX_RATE, Math.max(1, Math.floor(rate) || 1));

/** One page, and the rest of the time that its replays may take. Answers where the next one begins. */
async function replayNext(input: ReplayTaskInput, report: ReplayReport, after: string | undefined) {
  const { accountId, filter, replay, requestedAtMs: endedBeforeMs } = input;
  const { ratePerSecond } = report;
  const beganMs = Date.now();
  const asked = { accountId, filter, replay, endedBeforeMs, limit: ratePerSecond };
  const page = await bulkActivities(accountId).replayPage({ ...asked, ...(after === undefined ? {} : { after }) });
  report.started += page.started;
  report.already += page.already;
  report.positionMs = page.after === undefined ? filter.toMs : deliveryTimeMs(page.after);
  setCurrentDetails(describe(report));
  const restMs = (page.started / ratePerSecond) * 1_000 - (Date.now() - beganMs);
  if (page.after !== undefined && restMs > 0) await condition(() => report.state === 'canceled', restMs);
  return page.after;
}

function finish(report: ReplayReport): ReplayReport {
  if (report.state !== 'canceled') report.state = 'completed';
  return report;
}

const timeOf = (ms: number): string => new Date(ms).toISOString();

/** What ops see as "Current Details" in the Temporal UI. */
const describe = ({ state, filter, ratePerSecond, started, already, positionMs }: ReplayReport): string =>
  [
    `**${state}**: ${String(started)} replays begun, ${String(already)} were already running, at most ${String(ratePerSecond)} a second`,
    ``,
    `${filter.statuses.join(', ')} of ${filter.webhookId ?? 'every webhook'}, ${filter.eventType ?? 'every type'}, ${timeOf(filter.fromMs)} to ${timeOf(filter.toMs)}`,
    `looked through up to ${positionMs === null ? 'nothing yet' : timeOf(positionMs)}`,
  ].join('\n');
