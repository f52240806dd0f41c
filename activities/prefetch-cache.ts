import type { AttemptContext } from '../db/delivery-path/load-attempts.js';
import type { ReadyDelivery } from '../db/delivery-path/to-recorded-delivery.js';

/** Older entries are as good as absent: the endpoint may have been changed since, and attempts use what is current. */
const FRESH_MS = 1_000;

export interface PrefetchCache {
  /** Called by the bridge with what its insert returned. */
  readonly storeDeliveries: (deliveries: readonly ReadyDelivery[]) => void;
  /** Hands an entry out once, if it is fresh. */
  readonly takeContext: (deliveryId: string) => AttemptContext | undefined;
}

/**
 * Passes just-recorded deliveries from the bridge to the first attempts in the same process, so that these need not
 * read them back. Losing an entry costs one query and nothing else; `maxBytes` of bodies bound it.
 */
export function createPrefetchCache({
  now,
  maxBytes = 16 * 1024 * 1024,
}: {
  now: () => number;
  maxBytes?: number;
}): PrefetchCache {
  const entries = new Map<string, { material: AttemptContext; atMs: number }>();
  let bytes = 0;

  function remove(deliveryId: string): { material: AttemptContext; atMs: number } | undefined {
    const entry = entries.get(deliveryId);
    if (entry === undefined) return undefined;
    entries.delete(deliveryId);
    bytes -= entry.material.body.length;
    return entry;
  }

  return {
    storeDeliveries(deliveries) {
      const atMs = now();
      for (const delivery of deliveries) {
        remove(delivery.deliveryId);
        entries.set(delivery.deliveryId, { material: toAttemptContext(delivery), atMs });
        bytes += delivery.body.length;
      }
      // A Map iterates in insertion order: the oldest go first.
      for (const [deliveryId, { atMs: putAt }] of entries) {
        if (bytes <= maxBytes && atMs - putAt < FRESH_MS) break;
        remove(deliveryId);
      }
    },
    takeContext(deliveryId) {
      const entry = remove(deliveryId);
      return entry !== undefined && now() - entry.atMs < FRESH_MS ? entry.material : undefined;
    },
  };
}

function toAttemptContext(delivery: ReadyDelivery): AttemptContext {
  const { deliveryId, accountId, webhookId, eventId, eventType, body } = delivery;
  const {
    url,
    secretEnc,
    previousSecretEnc,
    secretVersion,
    slow,
    rateLimit,
    revision,
    shouldNoteSuccess: shouldNoteSuccess,
    shouldNoteFailure: shouldNoteFailure,
  } = delivery;
  return {
    deliveryId,
    accountId,
    webhookId,
    eventId,
    eventType,
    body,
    endpoint: {
      url,
      secretEnc,
      previousSecretEnc,
      secretVersion,
      slow,
      rateLimit,
      revision,
      shouldNoteSuccess,
      shouldNoteFailure,
      status: 'enabled',
    },
    finished: undefined,
  };
}
