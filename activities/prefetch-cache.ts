import type { AttemptMaterial } from '../db/delivery-path/load-attempts.js';
import type { ReadyDelivery } from '../db/delivery-path/recorded-delivery.js';

/** Older entries are as good as absent: the endpoint may have been changed since, and attempts use what is current. */
const FRESH_MS = 1_000;

export interface HandOver {
  /** Called by the bridge with what its insert returned. */
  put: (deliveries: readonly ReadyDelivery[]) => void;
  /** Hands an entry out once, if it is fresh. */
  take: (deliveryId: string) => AttemptMaterial | undefined;
}

/**
 * Passes just-recorded deliveries from the bridge to the first attempts in the same process, so that these need not
 * read them back. Losing an entry costs one query and nothing else; `maxBytes` of bodies bound it.
 */
export function createHandOver({
  now,
  maxBytes = 16 * 1024 * 1024,
}: {
  now: () => number;
  maxBytes?: number;
}): HandOver {
  const entries = new Map<string, { material: AttemptMaterial; atMs: number }>();
  let bytes = 0;

  function remove(deliveryId: string): { material: AttemptMaterial; atMs: number } | undefined {
    const entry = entries.get(deliveryId);
    if (entry === undefined) return undefined;
    entries.delete(deliveryId);
    bytes -= entry.material.body.length;
    return entry;
  }

  return {
    put(deliveries) {
      const atMs = now();
      for (const delivery of deliveries) {
        remove(delivery.deliveryId);
        entries.set(delivery.deliveryId, { material: materialOf(delivery), atMs });
        bytes += delivery.body.length;
      }
      // A Map iterates in insertion order: the oldest go first.
      for (const [deliveryId, { atMs: putAt }] of entries) {
        if (bytes <= maxBytes && atMs - putAt < FRESH_MS) break;
        remove(deliveryId);
      }
    },
    take(deliveryId) {
      const entry = remove(deliveryId);
      return entry !== undefined && now() - entry.atMs < FRESH_MS ? entry.material : undefined;
    },
  };
}

function materialOf(delivery: ReadyDelivery): AttemptMaterial {
  const { deliveryId, accountId, webhookId, eventId, eventType, body } = delivery;
  const { url, secretEnc, previousSecretEnc, secretVersion, slow, rateLimit, revision, successDue, failureDue } =
    delivery;
  return {
    ...{ deliveryId, accountId, webhookId, eventId, eventType, body },
    endpoint: {
      ...{ url, secretEnc, previousSecretEnc, secretVersion, slow, rateLimit, revision, successDue, failureDue },
      status: 'enabled',
    },
    settled: undefined,
  };
}
