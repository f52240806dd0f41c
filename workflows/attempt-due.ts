import { isCancellation, workflowInfo } from '@temporalio/workflow';
import type { AttemptBatch, AttemptResult } from '../contracts/workflows/deliver-webhook.js';
import { type Progress, toAttemptRequest } from '../domain/delivery/progress.js';
import type { AttemptTrigger } from '../domain/delivery/statuses.js';
import { LATER_ATTEMPTS } from './activity-options.js';
import { attemptFirst, attemptInRetryQueue } from './activity-proxies.js';
import { applyResults, type DeliveryRun, isFirstOfCycle } from './delivery-run.js';
import { recordUnwritten } from './record-unwritten.js';

/** `first`: in the fast lane. `scheduled` and `manual`: through the retry queue. */
export type AttemptOccasion = 'first' | 'scheduled' | 'manual';

/** Makes one attempt for each of the deliveries and applies the results to the run. */
export async function attemptDue(run: DeliveryRun, due: readonly Progress[], occasion: AttemptOccasion): Promise<void> {
  const batch = buildBatch(run, due, occasion);
  for (const { deliveryId } of due) run.attempting.add(deliveryId);
  try {
    const results = occasion === 'first' ? await attemptInFastLane(batch) : await attemptInSlowLane(batch);
    // Later attempts await this call even when nothing is unwritten: recorded histories fix the order of the commands of
    // endpoints that continue in the same workflow task, and that order depends on this await.
    if (occasion !== 'first' || results.some(({ unrecorded }) => unrecorded !== undefined))
      await recordUnwritten(batch, results);
    applyResults(run, due, results);
  } finally {
    for (const { deliveryId } of due) run.attempting.delete(deliveryId);
  }
}

function buildBatch(run: DeliveryRun, due: readonly Progress[], occasion: AttemptOccasion): AttemptBatch {
  const { accountId, cycle, schedule, attemptsBefore, replay } = run.input;
  return {
    accountId,
    workflowId: workflowInfo().workflowId,
    cycle,
    schedule,
    attemptsBefore,
    deliveries: due.map(toAttemptRequest),
    ...(replay === undefined ? {} : { replay }),
    trigger: deriveTrigger(run, due, occasion),
  };
}

function deriveTrigger(run: DeliveryRun, due: readonly Progress[], occasion: AttemptOccasion): AttemptTrigger {
  if (occasion === 'manual') return 'manual';
  // A first attempt that the fast lane deferred is still the first attempt of its cycle.
  if (!due.every((progress) => isFirstOfCycle(run, progress))) return 'retry';
  return run.input.cycle === 0 ? 'dispatch' : 'replay';
}

/** If infrastructure is lost, every request that was sent has its row. So the retry queue can take all deliveries over. */
async function attemptInFastLane(batch: AttemptBatch): Promise<AttemptResult[]> {
  try {
    return await attemptFirst(batch);
  } catch (error) {
    if (isCancellation(error)) throw error;
    return batch.deliveries.map(({ deliveryId }) => ({
      deliveryId,
      outcome: { kind: 'deferred', reason: 'infrastructure' },
    }));
  }
}

/** All accounts share the retry queue. The fairness key lets one endpoint's backlog delay no other endpoint. */
async function attemptInSlowLane(batch: AttemptBatch): Promise<AttemptResult[]> {
  const priority = { fairnessKey: batch.deliveries[0]?.webhookId ?? '' };
  return await attemptInRetryQueue(batch, { ...LATER_ATTEMPTS, priority, summary: describeBatch(batch) });
}

function describeBatch({ deliveries }: AttemptBatch): string {
  const [first] = deliveries;
  const attempts = [...new Set(deliveries.map(({ attempt }) => attempt))].join(', ');
  const count = deliveries.length === 1 ? '' : ` (${String(deliveries.length)} deliveries)`;
  return `attempt ${attempts} → ${first?.webhookId ?? ''}${count}`;
}
