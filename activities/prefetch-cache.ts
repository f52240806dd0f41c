import type { AttemptContext } from '../db/delivery-path/load-attempts.js';
import type { ReadyDelivery } from '../db/delivery-path/to-recorded-delivery.js';

/** Older entries are ignored: the endpoint may have changed since, and an attempt uses current data. */
const FRESH_MS = 1_000;

export interface PrefetchCache {
  /** Called by the bridge with the deliveries that its insert returned. */
  readonly storeDeliveries: (deliveries: readonly ReadyDelivery[]) => void;
  /** Removes the entry and returns it if it is fresh. */
  readonly takeContext: (deliveryId: string) => AttemptContext | undefined;
}

/**
 * Passes just-recorded deliveries from the bridge to the first attempts in the same process, which then need no query. A lost
 * entry costs one query and nothing else. `maxBytes` limits the bodies it holds; the oldest entries go first.
 */
export function createPrefetchCache({
  now,
  maxBytes = 16 * 1024 * 1024,
}: {
  now: () => number;
  maxBytes?: number;
}): PrefetchCache {
  const entries = new Map<string, { context: AttemptContext; atMs: number }>();
  let bytes = 0;

  function remove(deliveryId: string): { context: AttemptContext; atMs: number } | undefined {
    const entry = entries.get(deliveryId);
    if (entry === undefined) return undefined;
    entries.delete(deliveryId);
    bytes -= entry.context.body.length;
    return entry;
  }

  return {
    storeDeliveries(deliveries) {
      const atMs = now();
      for (const delivery of deliveries) {
        remove(delivery.deliveryId);
        entries.set(delivery.deliveryId, { context: toAttemptContext(delivery), atMs });
        bytes += delivery.body.length;
      }
      // A Map iterates in insertion order: the oldest go first.
      for (const [deliveryId, { atMs: storedAtMs }] of entries) {
        if (bytes <= maxBytes && atMs - storedAtMs < FRESH_MS) break;
        remove(deliveryId);
      }
    },
    takeContext(deliveryId) {
      const entry = remove(deliveryId);
      return entry !== undefined && now() - entry.atMs < FRESH_MS ? entry.context : undefined;
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
    shouldNoteSuccess,
    shouldNoteFailure,
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
