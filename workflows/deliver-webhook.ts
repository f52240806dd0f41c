import {
  ApplicationFailure,
  CancellationScope,
  defineQuery,
  defineSignal,
  isCancellation,
  setHandler,
} from '@temporalio/workflow';
import type { DeliverWebhookInput, DeliveryState, DeliverySummary } from '../contracts/workflows/deliver-webhook.js';
import { CANCEL_SIGNAL, RETRY_NOW_SIGNAL, STATE_QUERY } from '../domain/delivery/workflow-names.js';
import { recordingActivities } from './activity-proxies.js';
import { attemptDue } from './attempt-due.js';
import {
  countOutcomes,
  createRun,
  type DeliveryRun,
  listDeliveryStates,
  listUnfinished,
  listUnfinishedEndpoints,
} from './delivery-run.js';
import { showDeliveries } from './describe-deliveries.js';
import { runEndpoint } from './run-endpoint.js';

/** Cancels one waiting delivery. Argument: the delivery id. */
const cancelSignal = defineSignal<[string]>(CANCEL_SIGNAL);
/** Makes an endpoint's waiting deliveries due at once. Argument: the webhook id. */
const retryNowSignal = defineSignal<[string]>(RETRY_NOW_SIGNAL);
const stateQuery = defineQuery<DeliveryState[]>(STATE_QUERY);

/**
 * Delivers one message: all first attempts at once, then one independent loop for each endpoint until every delivery has its
 * outcome. The workflow ends as Completed without a dead letter, as Failed (`DeliveryExhausted`) with at least one, and as
 * Canceled when it is canceled from the Temporal UI.
 */
export async function deliverWebhook(input: DeliverWebhookInput): Promise<DeliverySummary> {
  const run = createRun(input);
  setHandlers(run);
  try {
    await attemptDue(run, run.deliveries, 'first');
    const endpoints = listUnfinishedEndpoints(run).map((webhookId) => runEndpoint(run, webhookId));
    // Usually empty: then the workflow ends without creating another promise (each costs a stack trace in the sandbox).
    if (endpoints.length > 0) await waitForAll(endpoints);
  } catch (error) {
    if (isCancellation(error)) await CancellationScope.nonCancellable(() => cancelUnfinished(run));
    throw error;
  } finally {
    showDeliveries(run);
  }
  return completeOrFail(countOutcomes(run));
}

function setHandlers(run: DeliveryRun): void {
  setHandler(cancelSignal, (deliveryId) => void run.cancelRequested.add(deliveryId));
  setHandler(retryNowSignal, (webhookId) => void run.retryNowRequested.add(webhookId));
  setHandler(stateQuery, () => listDeliveryStates(run));
}

/** Waits for every endpoint before it throws the first error: no endpoint may still write while the rest is canceled. */
async function waitForAll(endpoints: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(endpoints)).find((endpoint) => endpoint.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** The workflow was canceled. Its unfinished deliveries still need an outcome. */
async function cancelUnfinished(run: DeliveryRun): Promise<void> {
  const { accountId, cycle } = run.input;
  const deliveryIds = listUnfinished(run).map(({ deliveryId }) => deliveryId);
  if (deliveryIds.length === 0) return;
  await recordingActivities.cancelDeliveries({ accountId, cycle, deliveryIds, reason: 'workflow_canceled' });
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
