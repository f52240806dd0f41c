import type { AttemptBatch } from '../contracts/workflows/deliver-webhook.js';
import type { AttemptMaterial } from '../db/delivery-path/load-attempts.js';
import type { Reservation } from '../db/delivery-path/reserve-requests.js';

export interface PaceDeps {
  reserve: (endpoint: { accountId: string; webhookId: string; count: number }) => Promise<Reservation | undefined>;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** A reserved time that is longer past counts no more: many of them would make a burst. */
const SLOT_KEEPS_MS = 500;

/**
 * When each attempt may be made at endpoints with a rate limit, in milliseconds since 1970, by delivery id. One reservation an
 * endpoint; attempts that bring a reserved time keep it. Deliveries that will not be attempted reserve nothing.
 * @throws DatabaseError
 */
export async function paceAttempts(
  { reserve, now }: PaceDeps,
  { accountId, deliveries }: Pick<AttemptBatch, 'accountId' | 'deliveries'>,
  attemptable: (deliveryId: string) => AttemptMaterial | undefined,
): Promise<Map<string, number>> {
  const slots = new Map<string, number>();
  const unreserved = new Map<string, string[]>();
  for (const { deliveryId, webhookId, slotAtMs } of deliveries) {
    if ((attemptable(deliveryId)?.endpoint?.rateLimit ?? null) === null) continue;
    if (slotAtMs !== undefined && slotAtMs > now() - SLOT_KEEPS_MS) slots.set(deliveryId, slotAtMs);
    else unreserved.set(webhookId, [...(unreserved.get(webhookId) ?? []), deliveryId]);
  }
  for (const [webhookId, deliveryIds] of unreserved) {
    const reserved = await reserve({ accountId, webhookId, count: deliveryIds.length });
    if (reserved === undefined) continue;
    const firstAtMs = now() + reserved.waitMs;
    deliveryIds.forEach((id, place) => slots.set(id, Math.round(firstAtMs + (place * 1_000) / reserved.rateLimit)));
  }
  return slots;
}
