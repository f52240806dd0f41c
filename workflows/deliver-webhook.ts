import { CANCEL_SIGNAL, RETRY_NOW_SIGNAL, STATE_QUERY } from '../domain/delivery/workflow-names.js';
import type { DeliveryRun } from './delivery-run.js';
import {
  ApplicationFailure,
  CancellationScope,
  defineQuery,
  defineSignal,
  isCancellation,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';
import type { DeliverWebhookInput, DeliveryState, DeliverySummary } from '../contracts/workflows/deliver-webhook.js';
import { createAllProgress } from '../domain/delivery/progress.js';
import { attemptDue } from './attempt-due.js';
import { recordingActivities } from './recording-activities.js';
import { listDeliveryStates, renderDetailsTable, countOutcomes } from './describe-deliveries.js';
import { runEndpoint } from './run-endpoint.js';

/** Ends one waiting delivery as canceled. Argument: the delivery id. */
const cancelSignal = defineSignal<[string]>(CANCEL_SIGNAL);
/** Makes an endpoint's waiting deliveries due at once. Argument: the webhook id. */
const retryNowSignal = defineSignal<[string]>(RETRY_NOW_SIGNAL);
/** How every delivery of this message stands. */
const stateQuery = defineQuery<DeliveryState[]>(STATE_QUERY);

/**
 * One message: all first attempts at once, then every endpoint's own story until each delivery has its outcome.
 * Completed when all ended without a dead letter, Failed as `DeliveryExhausted` when one did not, Canceled from the UI.
 */
export async function deliverWebhook(input: DeliverWebhookInput): Promise<DeliverySummary> {
  const delivering = startRun(input);
  try {
    await attemptDue(delivering, delivering.deliveries, 'first');
    const stories = listEndpointsWithWaiting(delivering).map((webhookId) => runEndpoint(delivering, webhookId));
    if (stories.length > 0) await waitForAll(stories);
  } catch (error) {
    if (isCancellation(error)) await CancellationScope.nonCancellable(() => cancelWaiting(delivering));
    throw error;
  } finally {
    setCurrentDetails(renderDetailsTable(delivering));
  }
  return completeOrFail(countOutcomes(delivering));
}

function startRun(input: DeliverWebhookInput): DeliveryRun {
  const delivering: DeliveryRun = {
    input,
    deliveries: createAllProgress(input.endpoints, input.attemptsBefore + 1),
    cancelRequested: new Set(),
    wakeRequested: new Set(),
    attempting: new Set(),
  };
  setHandler(cancelSignal, (deliveryId) => void delivering.cancelRequested.add(deliveryId));
  setHandler(retryNowSignal, (webhookId) => void delivering.wakeRequested.add(webhookId));
  setHandler(stateQuery, () => listDeliveryStates(delivering));
  return delivering;
}

/** Most often none: the workflow is then over without a further promise, each of which costs it a stack trace. */
function listEndpointsWithWaiting({ input, deliveries }: DeliveryRun): string[] {
  const unsettled = deliveries.filter(({ phase }) => phase !== 'ended');
  return input.endpoints.flatMap(({ webhookId }) =>
    unsettled.some((progress) => progress.webhookId === webhookId) ? [webhookId] : [],
  );
}

/** Waits for every story before it tells of a failed one: none may still write while the rest is being canceled. */
async function waitForAll(stories: Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(stories)).find((story) => story.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** Somebody canceled the workflow: what is left gets its outcome all the same. */
async function cancelWaiting({ input, deliveries }: DeliveryRun): Promise<void> {
  const open = deliveries.filter(({ phase }) => phase !== 'ended');
  if (open.length === 0) return;
  const of = { accountId: input.accountId, cycle: input.cycle };
  const deliveryIds = open.map(({ deliveryId }) => deliveryId);
  await recordingActivities.cancelDeliveries({ ...of, deliveryIds, reason: 'workflow_canceled' });
}

function completeOrFail(summary: DeliverySummary): DeliverySummary {
  if (summary.dead_lettered === 0) return summary;
  const all = Object.values(summary).reduce((sum, count) => sum + count, 0);
  throw ApplicationFailure.create({
    type: 'DeliveryExhausted',
    nonRetryable: true,
    message: `${String(summary.dead_lettered)} of ${String(all)} deliveries dead-lettered`,
    details: [summary],
  });
}
