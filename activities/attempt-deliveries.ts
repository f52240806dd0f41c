import type { AttemptBatch, AttemptRequest, AttemptResult } from '../contracts/workflows/deliver-webhook.js';
import type { AttemptContext } from '../db/delivery-path/load-attempts.js';
import { attemptDelivery, type AttemptDeliveryDeps } from './attempt-delivery.js';
import type { AttemptSettings } from './attempt-settings.js';
import { decideWithoutRequest } from './decide-without-request.js';
import { paceAttempts, type PaceDeps } from './pace-attempts.js';

export interface AttemptDeps extends AttemptDeliveryDeps, PaceDeps {
  /** Removed deliveries are missing in the result. */
  readonly loadAttempts: (accountId: string, requests: readonly AttemptRequest[]) => Promise<AttemptContext[]>;
}

/**
 * Makes one attempt for each delivery of the batch, concurrently as far as the lane has permits. Results are in the order of
 * `batch.deliveries`.
 * @throws KmsUnavailable, DatabaseError: no attempt was made. If at least one attempt ended, the failed ones are returned as
 * deferred instead, so that no result is lost.
 */
export async function attemptDeliveries(
  deps: AttemptDeps,
  settings: AttemptSettings,
  batch: AttemptBatch,
): Promise<AttemptResult[]> {
  const readAtMs = deps.now();
  const deadlineMs = readAtMs + settings.budgetMs;
  const contexts = await collectContexts(deps, settings, batch);
  const sendTimes = await paceAttempts(deps, batch, selectRequestsToMake(batch, settings, contexts));
  const attempts = batch.deliveries.map(async (request) => {
    const context = contexts.get(request.deliveryId);
    const sendAtMs = sendTimes.get(request.deliveryId) ?? 0;
    try {
      return await attemptDelivery(deps, { settings, batch, request, context, readAtMs, deadlineMs, sendAtMs });
    } finally {
      settings.onAttemptOver?.(batch.workflowId);
    }
  });
  return collectResults(batch, await Promise.allSettled(attempts));
}

/** Takes contexts from the prefetch cache and loads the missing ones with one query. */
async function collectContexts(
  { loadAttempts }: AttemptDeps,
  { prefetchCache }: AttemptSettings,
  { accountId, deliveries }: AttemptBatch,
): Promise<Map<string, AttemptContext>> {
  const contexts = new Map<string, AttemptContext>();
  for (const { deliveryId } of deliveries) {
    const cached = prefetchCache?.takeContext(deliveryId);
    if (cached !== undefined) contexts.set(deliveryId, cached);
  }
  const missing = deliveries.filter(({ deliveryId }) => !contexts.has(deliveryId));
  if (missing.length === 0) return contexts;
  for (const context of await loadAttempts(accountId, missing)) contexts.set(context.deliveryId, context);
  return contexts;
}

/** The contexts of deliveries that will be posted. Only these need a place under their endpoint's rate limit. */
function selectRequestsToMake(
  batch: AttemptBatch,
  settings: AttemptSettings,
  contexts: ReadonlyMap<string, AttemptContext>,
): Map<string, AttemptContext> {
  const needsRequest = (context: AttemptContext) => decideWithoutRequest(batch, settings, context) === undefined;
  return new Map([...contexts].filter(([, context]) => needsRequest(context)));
}

function collectResults(
  { deliveries }: AttemptBatch,
  attempts: PromiseSettledResult<AttemptResult>[],
): AttemptResult[] {
  const failures = attempts.filter((attempt) => attempt.status === 'rejected');
  const [first] = failures;
  if (first !== undefined && failures.length === attempts.length) throw first.reason;
  return attempts.map((attempt, index) =>
    attempt.status === 'fulfilled' ? attempt.value : deferForInfrastructure(deliveries[index]),
  );
}

function deferForInfrastructure(request: AttemptRequest | undefined): AttemptResult {
  return { deliveryId: request?.deliveryId ?? '', outcome: { kind: 'deferred', reason: 'infrastructure' } };
}
