import { CancellationScope, condition, setCurrentDetails } from '@temporalio/workflow';
import type { GiveUpReason } from '../domain/delivery/outcome.js';
import { type Progress, settle } from '../domain/delivery/progress.js';
import { attemptTogether } from './attempt-due.js';
import { bookkeeping } from './bookkeeping.js';
import type { Delivering } from './delivery-run.js';
import { detailsTable } from './describe-deliveries.js';

/** One endpoint's deliveries, all of them together, until each has its outcome. Knows nothing of other endpoints. */
export async function settleEndpoint(delivering: Delivering, webhookId: string): Promise<void> {
  const own = delivering.deliveries.filter((progress) => progress.webhookId === webhookId);
  for (;;) {
    await deadLetter(delivering, own);
    await cancelAsked(delivering, own);
    const open = own.filter(({ phase }) => phase === 'open');
    if (open.length === 0) return;
    const woken = delivering.wakeRequested.delete(webhookId);
    const due = woken ? open : open.filter(({ dueAtMs }) => dueAtMs <= Date.now());
    if (due.length > 0) await attemptTogether(delivering, due, woken ? 'manual' : 'scheduled');
    else await untilDueOrAsked(delivering, webhookId, open);
  }
}

/**
 * Published before the outcome is told anywhere else. One letter a delivery, whatever the reason. Not canceled with the
 * workflow: a letter may be out whose outcome is not written yet.
 */
async function deadLetter({ input, cancelRequested }: Delivering, own: readonly Progress[]): Promise<void> {
  const givenUp = new Map<GiveUpReason, Progress[]>();
  for (const progress of own) {
    const { phase, end } = progress;
    if (phase !== 'giving_up' || end === undefined || !('reason' in end) || end.reason === 'requested') continue;
    givenUp.set(end.reason, [...(givenUp.get(end.reason) ?? []), progress]);
  }
  for (const [reason, deliveries] of givenUp) {
    const deliveryIds = deliveries.map(({ deliveryId }) => deliveryId);
    const request = { accountId: input.accountId, cycle: input.cycle, deliveryIds, reason };
    await CancellationScope.nonCancellable(() => bookkeeping.publishDeadLetter(request));
    for (const progress of deliveries) {
      progress.phase = 'settled';
      cancelRequested.delete(progress.deliveryId);
    }
  }
}

async function cancelAsked({ input, cancelRequested }: Delivering, own: readonly Progress[]): Promise<void> {
  const asked = own.filter(({ phase, deliveryId }) => phase === 'open' && cancelRequested.has(deliveryId));
  if (asked.length === 0) return;
  const deliveryIds = asked.map(({ deliveryId }) => deliveryId);
  const of = { accountId: input.accountId, cycle: input.cycle };
  await bookkeeping.cancelDeliveries({ ...of, deliveryIds, reason: 'canceled_on_request' });
  for (const progress of asked) settle(progress, { outcome: 'canceled', reason: 'requested' });
}

async function untilDueOrAsked(delivering: Delivering, webhookId: string, open: readonly Progress[]): Promise<void> {
  setCurrentDetails(detailsTable(delivering));
  const { wakeRequested, cancelRequested } = delivering;
  const earliest = Math.min(...open.map(({ dueAtMs }) => dueAtMs));
  const asked = () => wakeRequested.has(webhookId) || open.some(({ deliveryId }) => cancelRequested.has(deliveryId));
  const waiting = `wait for attempt ${String(open[0]?.attempt ?? '')} → ${webhookId}`;
  await condition(asked, Math.max(1, earliest - Date.now()), { summary: waiting });
}
