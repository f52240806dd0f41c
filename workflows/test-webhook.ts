import { CancellationScope, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { RetryActivities } from '../activities/index.js';
import type { AttemptBatch, CancelRequest, TestWebhookInput } from '../contracts/workflows/deliver-webhook.js';
import { retryTaskQueue } from '../domain/delivery/workflow-id.js';
import { TEST_ATTEMPT } from './activity-options.js';
import { recordingActivities } from './recording-activities.js';
import { recordUnwritten } from './record-unwritten.js';

/** A test that nobody took up for so long is not made any more: whoever asked has gone. */
const TOO_LATE_MS = 5_000;

/** A customer's test of an endpoint: one attempt in the slow lane, no other and no dead letter, and an outcome in any case. */
export async function testWebhook({ accountId, webhookId, deliveryId }: TestWebhookInput): Promise<void> {
  const { workflowId, startTime } = workflowInfo();
  const batch: AttemptBatch = {
    accountId,
    workflowId,
    cycle: 0,
    trigger: 'test',
    schedule: [0],
    attemptsBefore: 0,
    deliveries: [{ deliveryId, webhookId, attempt: 1, jitterKey: deliveryId }],
  };
  const isLate = Date.now() - startTime.getTime() > TOO_LATE_MS;
  if (!isLate && (await attemptOnce(batch))) return;
  const unfinished: CancelRequest = { accountId, cycle: 0, deliveryIds: [deliveryId], reason: 'test_unfinished' };
  await CancellationScope.nonCancellable(() => recordingActivities.cancelDeliveries(unfinished));
}

/** True when the row tells what happened. */
async function attemptOnce(batch: AttemptBatch): Promise<boolean> {
  const taskQueue = retryTaskQueue(workflowInfo().taskQueue);
  const { attemptAgain } = proxyActivities<RetryActivities>({ ...TEST_ATTEMPT, taskQueue });
  const [request] = batch.deliveries;
  // Ahead of retries, which nobody is watching.
  const priority = { priorityKey: 1, fairnessKey: request?.webhookId ?? '' };
  const options = { ...TEST_ATTEMPT, taskQueue, priority, summary: `test → ${request?.webhookId ?? ''}` };
  const results = await attemptAgain.executeWithOptions(options, [batch]).catch(() => []);
  await recordUnwritten(batch, results);
  return results.some(({ outcome }) => MADE.includes(outcome.kind));
}

/** Anything else settled nothing. To end what is settled already changes nothing. */
const MADE = ['delivered', 'retry'];
