import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import type { AttemptBatch, CancelRequest, TestWebhookInput } from '../contracts/workflows/deliver-webhook.js';
import { TEST_ATTEMPT } from './activity-options.js';
import { attemptInRetryQueue, recordingActivities } from './activity-proxies.js';
import { recordUnwritten } from './record-unwritten.js';

/** If no worker takes the workflow within this time, the customer's request has ended and the test is not made. */
const MAX_START_DELAY_MS = 5_000;

/** A customer's test of an endpoint: one attempt in the slow lane, no retry, no dead letter, and an outcome in every case. */
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
  const isLate = Date.now() - startTime.getTime() > MAX_START_DELAY_MS;
  if (!isLate && (await attemptOnce(batch, webhookId))) return;
  const unfinished: CancelRequest = { accountId, cycle: 0, deliveryIds: [deliveryId], reason: 'test_unfinished' };
  await CancellationScope.nonCancellable(() => recordingActivities.cancelDeliveries(unfinished));
}

/** True when the attempt was made and its row holds the outcome. */
async function attemptOnce(batch: AttemptBatch, webhookId: string): Promise<boolean> {
  // A smaller key is served first: the customer watches a test, not a retry.
  const priority = { priorityKey: 1, fairnessKey: webhookId };
  const options = { ...TEST_ATTEMPT, priority, summary: `test → ${webhookId}` };
  const results = await attemptInRetryQueue(batch, options).catch(() => []);
  await recordUnwritten(batch, results);
  return results.some(({ outcome }) => KINDS_WITH_OUTCOME.includes(outcome.kind));
}

/** Any other kind left the delivery without an outcome. Setting an outcome a second time changes nothing. */
const KINDS_WITH_OUTCOME = ['delivered', 'retry'];
