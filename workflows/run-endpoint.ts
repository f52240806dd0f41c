import { CancellationScope, condition } from '@temporalio/workflow';
import { endDelivery, type Progress } from '../domain/delivery/progress.js';
import type { GiveUpReason } from '../domain/delivery/statuses.js';
import { recordingActivities } from './activity-proxies.js';
import { attemptDue } from './attempt-due.js';
import {
  type DeliveryRun,
  isCancelRequested,
  isWaiting,
  listDeliveriesTo,
  takeRetryNowRequest,
} from './delivery-run.js';
import { showDeliveries } from './describe-deliveries.js';

/** Attempts one endpoint's deliveries until each has its outcome. Deliveries that are due together share a batch. */
export async function runEndpoint(run: DeliveryRun, webhookId: string): Promise<void> {
  const deliveries = listDeliveriesTo(run, webhookId);
  for (;;) {
    await publishDeadLetters(run, deliveries);
    await cancelRequestedDeliveries(run, deliveries);
    const waiting = deliveries.filter(isWaiting);
    if (waiting.length === 0) return;
    const retryNow = takeRetryNowRequest(run, webhookId);
    const due = retryNow ? waiting : waiting.filter(({ dueAtMs }) => dueAtMs <= Date.now());
    if (due.length > 0) await attemptDue(run, due, retryNow ? 'manual' : 'scheduled');
    else await waitUntilDueOrSignaled(run, webhookId, waiting);
  }
}

/**
 * One dead letter for each delivery that was given up; the activity publishes it before it writes the outcome. Cancellation of
 * the workflow does not interrupt it: a published letter without an outcome would be left behind.
 */
async function publishDeadLetters(run: DeliveryRun, deliveries: readonly Progress[]): Promise<void> {
  const { accountId, cycle } = run.input;
  for (const [reason, givenUp] of groupByGiveUpReason(deliveries)) {
    const deliveryIds = givenUp.map(({ deliveryId }) => deliveryId);
    const request = { accountId, cycle, deliveryIds, reason };
    await CancellationScope.nonCancellable(() => recordingActivities.publishDeadLetter(request));
    for (const progress of givenUp) {
      progress.phase = 'ended';
      run.cancelRequested.delete(progress.deliveryId);
    }
  }
}

function groupByGiveUpReason(deliveries: readonly Progress[]): Map<GiveUpReason, Progress[]> {
  const groups = new Map<GiveUpReason, Progress[]>();
  for (const progress of deliveries) {
    const { phase, end } = progress;
    if (phase !== 'giving_up' || end === undefined || !('reason' in end) || end.reason === 'requested') continue;
    groups.set(end.reason, [...(groups.get(end.reason) ?? []), progress]);
  }
  return groups;
}

async function cancelRequestedDeliveries(run: DeliveryRun, deliveries: readonly Progress[]): Promise<void> {
  const { accountId, cycle } = run.input;
  const canceled = deliveries.filter((progress) => isWaiting(progress) && isCancelRequested(run, progress));
  if (canceled.length === 0) return;
  const deliveryIds = canceled.map(({ deliveryId }) => deliveryId);
  await recordingActivities.cancelDeliveries({ accountId, cycle, deliveryIds, reason: 'canceled_on_request' });
  for (const progress of canceled) endDelivery(progress, { outcome: 'canceled', reason: 'requested' });
}

/** Sleeps until the earliest due time. A signal for this endpoint or for one of its waiting deliveries ends the sleep. */
async function waitUntilDueOrSignaled(
  run: DeliveryRun,
  webhookId: string,
  waiting: readonly Progress[],
): Promise<void> {
  showDeliveries(run);
  const earliestMs = Math.min(...waiting.map(({ dueAtMs }) => dueAtMs));
  const isSignaled = () =>
    run.retryNowRequested.has(webhookId) || waiting.some((progress) => isCancelRequested(run, progress));
  const summary = `wait for attempt ${String(waiting[0]?.attempt ?? '')} → ${webhookId}`;
  await condition(isSignaled, Math.max(1, earliestMs - Date.now()), { summary });
}
