import type { AttemptBatch } from '../contracts/workflows/deliver-webhook.js';
import type { AttemptContext } from '../db/delivery-path/load-attempts.js';
import type { Reservation } from '../db/delivery-path/reserve-requests.js';

export interface PaceDeps {
  readonly reserveRequests: (endpoint: {
    accountId: string;
    webhookId: string;
    count: number;
  }) => Promise<Reservation | undefined>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** A reserved time that is longer past counts no more: many of them would make a burst. */
const RESERVATION_VALID_MS = 500;

/**
 * When each attempt may be made at endpoints with a rate limit, in milliseconds since 1970, by delivery id. One reservation an
 * endpoint; attempts that bring a reserved time keep it. Deliveries that will not be attempted reserve nothing.
 * @throws DatabaseError
 */
export async function paceAttempts(
  { reserveRequests, now }: PaceDeps,
  { accountId, deliveries }: Pick<AttemptBatch, 'accountId' | 'deliveries'>,
  attemptable: (deliveryId: string) => AttemptContext | undefined,
): Promise<Map<string, number>> {
  const sendTimes = new Map<string, number>();
  const unreserved = new Map<string, string[]>();
  for (const { deliveryId, webhookId, sendAtMs } of deliveries) {
    if ((attemptable(deliveryId)?.endpoint?.rateLimit ?? null) === null) continue;
    if (sendAtMs !== undefined && sendAtMs > now() - RESERVATION_VALID_MS) sendTimes.set(deliveryId, sendAtMs);
    else unreserved.set(webhookId, [...(unreserved.get(webhookId) ?? []), deliveryId]);
  }
  for (const [webhookId, deliveryIds] of unreserved) {
    const reserved = await reserveRequests({ accountId, webhookId, count: deliveryIds.length });
    if (reserved === undefined) continue;
    const firstAtMs = now() + reserved.waitMs;
    deliveryIds.forEach((id, place) => sendTimes.set(id, Math.round(firstAtMs + (place * 1_000) / reserved.rateLimit)));
  }
  return sendTimes;
}
