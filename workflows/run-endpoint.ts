import type { GiveUpReason } from '../domain/delivery/statuses.js';
import { CancellationScope, condition, setCurrentDetails } from '@temporalio/workflow';
import { type Progress, endDelivery } from '../domain/delivery/progress.js';
import { attemptDue } from './attempt-due.js';
import { recordingActivities } from './recording-activities.js';
import type { DeliveryRun } from './delivery-run.js';
import { renderDetailsTable } from './describe-deliveries.js';

/** One endpoint's deliveries, all of them together, until each has its outcome. Knows nothing of other endpoints. */
export async function runEndpoint(delivering: DeliveryRun, webhookId: string): Promise<void> {
  const own = delivering.deliveries.filter((progress) => progress.webhookId === webhookId);
  for (;;) {
    await publishDeadLetters(delivering, own);
    await cancelRequestedDeliveries(delivering, own);
    const open = own.filter(({ phase }) => phase === 'waiting');
    if (open.length === 0) return;
    const woken = delivering.wakeRequested.delete(webhookId);
    const due = woken ? open : open.filter(({ dueAtMs }) => dueAtMs <= Date.now());
    if (due.length > 0) await attemptDue(delivering, due, woken ? 'manual' : 'scheduled');
    else await waitUntilDueOrSignaled(delivering, webhookId, open);
  }
}

/**
 * Published before the outcome is told anywhere else. One letter a delivery, whatever the reason. Not canceled with the
 * workflow: a letter may be out whose outcome is not written yet.
 */
async function publishDeadLetters({ input, cancelRequested }: DeliveryRun, own: readonly Progress[]): Promise<void> {
  const givenUp = new Map<GiveUpReason, Progress[]>();
  for (const progress of own) {
    const { phase, end } = progress;
    if (phase !== 'giving_up' || end === undefined || !('reason' in end) || end.reason === 'requested') continue;
    givenUp.set(end.reason, [...(givenUp.get(end.reason) ?? []), progress]);
  }
  for (const [reason, deliveries] of givenUp) {
    const deliveryIds = deliveries.map(({ deliveryId }) => deliveryId);
    const request = { accountId: input.accountId, cycle: input.cycle, deliveryIds, reason };
    await CancellationScope.nonCancellable(() => recordingActivities.publishDeadLetter(request));
    for (const progress of deliveries) {
      progress.phase = 'ended';
      cancelRequested.delete(progress.deliveryId);
    }
  }
}

async function cancelRequestedDeliveries(
  { input, cancelRequested }: DeliveryRun,
  own: readonly Progress[],
): Promise<void> {
  const asked = own.filter(({ phase, deliveryId }) => phase === 'waiting' && cancelRequested.has(deliveryId));
  if (asked.length === 0) return;
  const deliveryIds = asked.map(({ deliveryId }) => deliveryId);
  const of = { accountId: input.accountId, cycle: input.cycle };
  await recordingActivities.cancelDeliveries({ ...of, deliveryIds, reason: 'canceled_on_request' });
  for (const progress of asked) endDelivery(progress, { outcome: 'canceled', reason: 'requested' });
}

async function waitUntilDueOrSignaled(
  delivering: DeliveryRun,
  webhookId: string,
  open: readonly Progress[],
): Promise<void> {
  setCurrentDetails(renderDetailsTable(delivering));
  const { wakeRequested, cancelRequested } = delivering;
  const earliest = Math.min(...open.map(({ dueAtMs }) => dueAtMs));
  const asked = () => wakeRequested.has(webhookId) || open.some(({ deliveryId }) => cancelRequested.has(deliveryId));
  const waiting = `wait for attempt ${String(open[0]?.attempt ?? '')} → ${webhookId}`;
  await condition(asked, Math.max(1, earliest - Date.now()), { summary: waiting });
}
