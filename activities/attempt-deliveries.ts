import type { AttemptLoop } from './attempt-loop.js';
import type { AttemptBatch, AttemptRequest, AttemptResult } from '../contracts/workflows/deliver-webhook.js';
import type { AttemptContext } from '../db/delivery-path/load-attempts.js';
import { attemptDelivery, type AttemptDeps } from './attempt-delivery.js';
import { outcomeWithoutRequest } from './decide-without-request.js';
import { paceAttempts } from './pace-attempts.js';

/**
 * Makes one attempt for each delivery of the batch, all at once as far as the lane has room.
 * @throws KmsUnavailable, DatabaseError: nothing at all could be done. If some attempts were made, the others come back
 * as deferred instead, so that what was done is never forgotten.
 */
export async function attemptDeliveries(
  deps: AttemptDeps,
  loop: AttemptLoop,
  batch: AttemptBatch,
): Promise<AttemptResult[]> {
  const readAtMs = deps.now();
  const deadlineMs = readAtMs + loop.budgetMs;
  const contexts = await collectContexts(deps, loop, batch);
  const attemptable = (deliveryId: string) => {
    const material = contexts.get(deliveryId);
    return outcomeWithoutRequest(batch, loop, material) === undefined ? material : undefined;
  };
  const sendTimes = await paceAttempts(deps, batch, attemptable);
  const settled = await Promise.allSettled(
    batch.deliveries.map((request) => {
      const context = contexts.get(request.deliveryId);
      const sendAtMs = sendTimes.get(request.deliveryId) ?? 0;
      const attempted = attemptDelivery(deps, { loop, batch, request, context, readAtMs, deadlineMs, sendAtMs });
      return attempted.finally(() => loop.onAttemptOver?.(batch.workflowId));
    }),
  );
  const failures = settled.filter((s) => s.status === 'rejected');
  if (failures.length === settled.length && failures[0] !== undefined) throw failures[0].reason;
  return settled.map((s, i) => (s.status === 'fulfilled' ? s.value : deferForInfrastructure(batch.deliveries[i])));
}

function deferForInfrastructure(request: AttemptRequest | undefined): AttemptResult {
  return { deliveryId: request?.deliveryId ?? '', outcome: { kind: 'deferred', reason: 'infrastructure' } };
}

async function collectContexts(
  deps: AttemptDeps,
  { prefetchCache }: AttemptLoop,
  { accountId, deliveries }: AttemptBatch,
): Promise<Map<string, AttemptContext>> {
  const materials = new Map<string, AttemptContext>();
  for (const { deliveryId } of deliveries) {
    const handed = prefetchCache?.takeContext(deliveryId);
    if (handed !== undefined) materials.set(deliveryId, handed);
  }
  const missing = deliveries.filter(({ deliveryId }) => !materials.has(deliveryId));
  if (missing.length === 0) return materials;
  for (const material of await deps.loadAttempts(accountId, missing)) materials.set(material.deliveryId, material);
  return materials;
}
