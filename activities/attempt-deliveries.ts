import type { AttemptLoop } from './attempt-loop.js';
import type { AttemptBatch, AttemptRequest, AttemptResult } from '../contracts/workflows/deliver-webhook.js';
import type { AttemptMaterial } from '../db/delivery-path/load-attempts.js';
import { attemptDelivery, type AttemptDeps, outcomeWithoutRequest } from './attempt-delivery.js';
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
  const materials = await collectMaterials(deps, loop, batch);
  const attemptable = (deliveryId: string) => {
    const material = materials.get(deliveryId);
    return outcomeWithoutRequest(batch, loop, material) === undefined ? material : undefined;
  };
  const slots = await paceAttempts(deps, batch, attemptable);
  const settled = await Promise.allSettled(
    batch.deliveries.map((request) => {
      const material = materials.get(request.deliveryId);
      const sendAtMs = slots.get(request.deliveryId) ?? 0;
      const attempted = attemptDelivery(deps, { loop, batch, request, material, readAtMs, deadlineMs, sendAtMs });
      return attempted.finally(() => loop.attemptOver?.(batch.workflowId));
    }),
  );
  const failures = settled.filter((s) => s.status === 'rejected');
  if (failures.length === settled.length && failures[0] !== undefined) throw failures[0].reason;
  return settled.map((s, i) => (s.status === 'fulfilled' ? s.value : handBack(batch.deliveries[i])));
}

function handBack(request: AttemptRequest | undefined): AttemptResult {
  return { deliveryId: request?.deliveryId ?? '', outcome: { kind: 'deferred', reason: 'infrastructure' } };
}

async function collectMaterials(
  deps: AttemptDeps,
  { handOver }: AttemptLoop,
  { accountId, deliveries }: AttemptBatch,
): Promise<Map<string, AttemptMaterial>> {
  const materials = new Map<string, AttemptMaterial>();
  for (const { deliveryId } of deliveries) {
    const handed = handOver?.take(deliveryId);
    if (handed !== undefined) materials.set(deliveryId, handed);
  }
  const missing = deliveries.filter(({ deliveryId }) => !materials.has(deliveryId));
  if (missing.length === 0) return materials;
  for (const material of await deps.load(accountId, missing)) materials.set(material.deliveryId, material);
  return materials;
}
