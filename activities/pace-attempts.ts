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

/** An older reserved time is void: many late requests at once would be a burst. */
const RESERVATION_VALID_MS = 500;

/**
 * Assigns send times at endpoints with a rate limit: milliseconds since 1970, by delivery id. Makes one reservation for each
 * endpoint. An attempt with a reserved time keeps it. Only deliveries in `contextsToSend` reserve anything.
 * @throws DatabaseError
 */
export async function paceAttempts(
  { reserveRequests, now }: PaceDeps,
  { accountId, deliveries }: Pick<AttemptBatch, 'accountId' | 'deliveries'>,
  contextsToSend: ReadonlyMap<string, AttemptContext>,
): Promise<Map<string, number>> {
  const sendTimes = new Map<string, number>();
  const unreserved = new Map<string, string[]>();
  for (const { deliveryId, webhookId, sendAtMs } of deliveries) {
    const rateLimit = contextsToSend.get(deliveryId)?.endpoint?.rateLimit ?? null;
    if (rateLimit === null) continue;
    if (sendAtMs !== undefined && sendAtMs > now() - RESERVATION_VALID_MS) sendTimes.set(deliveryId, sendAtMs);
    else unreserved.set(webhookId, [...(unreserved.get(webhookId) ?? []), deliveryId]);
  }
  for (const [webhookId, deliveryIds] of unreserved) {
    const reserved = await reserveRequests({ accountId, webhookId, count: deliveryIds.length });
    if (reserved === undefined) continue;
    const firstAtMs = now() + reserved.waitMs;
    deliveryIds.forEach((deliveryId, position) =>
      sendTimes.set(deliveryId, Math.round(firstAtMs + (position * 1_000) / reserved.rateLimit)),
    );
  }
  return sendTimes;
}
