import type { AttemptTrigger } from '../domain/delivery/statuses.js';
import { isCancellation, proxyActivities, proxyLocalActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities, RetryActivities } from '../activities/index.js';
import type { AttemptBatch, AttemptResult } from '../contracts/workflows/deliver-webhook.js';
import { applyOutcome, toAttemptRequest, type Progress } from '../domain/delivery/progress.js';
import { retryTaskQueue } from '../domain/delivery/workflow-id.js';
import { FIRST_ATTEMPTS, LATER_ATTEMPTS } from './activity-options.js';
import type { DeliveryRun } from './delivery-run.js';
import { recordUnwritten } from './record-unwritten.js';

const { attemptFirst } = proxyLocalActivities<Pick<Activities, 'attemptFirst'>>(FIRST_ATTEMPTS);

/** `first`: in the fast lane. `scheduled` and `manual`: through the retry queue. */
export type AttemptOccasion = 'first' | 'scheduled' | 'manual';

/** Makes one attempt for each of the deliveries and takes the outcomes in. */
export async function attemptDue(
  delivering: DeliveryRun,
  due: readonly Progress[],
  occasion: AttemptOccasion,
): Promise<void> {
  const batch = buildBatch(delivering, due, occasion);
  for (const { deliveryId } of due) delivering.attempting.add(deliveryId);
  try {
    const results = occasion === 'first' ? await firstAttempts(batch) : await laterAttempts(batch);
    // Later attempts take that turn in any case: the order of the commands of endpoints that go on in one task hangs on it.
    if (occasion !== 'first' || results.some(({ unrecorded }) => unrecorded !== undefined))
      await recordUnwritten(batch, results);
    applyOutcomes(delivering, due, results);
  } finally {
    for (const { deliveryId } of due) delivering.attempting.delete(deliveryId);
  }
}

function buildBatch({ input }: DeliveryRun, due: readonly Progress[], occasion: AttemptOccasion): AttemptBatch {
  const deliveries = due.map(toAttemptRequest);
  const { accountId, cycle, schedule, attemptsBefore, replay } = input;
  const common = {
    accountId,
    workflowId: workflowInfo().workflowId,
    cycle,
    schedule,
    attemptsBefore,
    deliveries,
    ...(replay === undefined ? {} : { replay }),
  };
  return { ...common, trigger: triggerOf(occasion, { cycle, due, attemptsBefore }) };
}

function triggerOf(
  occasion: AttemptOccasion,
  { cycle, due, attemptsBefore }: { cycle: number; due: readonly Progress[]; attemptsBefore: number },
): AttemptTrigger {
  if (occasion === 'manual') return 'manual';
  // A first attempt that the fast lane handed on is still the first one.
  const first = due.every(({ attempt }) => attempt === attemptsBefore + 1);
  if (!first) return 'retry';
  return cycle === 0 ? 'dispatch' : 'replay';
}

/** Lost infrastructure: nothing was sent that is not on record, so the retry queue takes all of it over. */
async function firstAttempts(batch: AttemptBatch): Promise<AttemptResult[]> {
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

async function laterAttempts(batch: AttemptBatch): Promise<AttemptResult[]> {
  const taskQueue = retryTaskQueue(workflowInfo().taskQueue);
  const { attemptAgain } = proxyActivities<RetryActivities>({ ...LATER_ATTEMPTS, taskQueue });
  // The queue is shared by all accounts: their endpoints take turns, however many attempts one of them has waiting.
  const priority = { fairnessKey: batch.deliveries[0]?.webhookId ?? '' };
  const options = { ...LATER_ATTEMPTS, taskQueue, priority, summary: describeBatch(batch) };
  return await attemptAgain.executeWithOptions(options, [batch]);
}

function describeBatch({ deliveries }: AttemptBatch): string {
  const [first] = deliveries;
  const attempts = [...new Set(deliveries.map(({ attempt }) => attempt))].join(', ');
  const count = deliveries.length === 1 ? '' : ` (${String(deliveries.length)} deliveries)`;
  return `attempt ${attempts} → ${first?.webhookId ?? ''}${count}`;
}

function applyOutcomes({ input }: DeliveryRun, due: readonly Progress[], results: readonly AttemptResult[]): void {
  const outcomes = new Map(results.map(({ deliveryId, outcome }) => [deliveryId, outcome]));
  const { schedule, attemptsBefore } = input;
  const nowMs = Date.now();
  for (const progress of due) {
    const outcome = outcomes.get(progress.deliveryId);
    if (outcome !== undefined) applyOutcome(progress, outcome, { schedule, attemptsBefore, nowMs });
  }
}
