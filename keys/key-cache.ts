import type { KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { KmsUnavailable, toKeyError, type KeyError } from './key-errors.js';

const MINUTE = 60_000;

/** AWS Encryption SDK, "Data key caching": a maximum age is mandatory, entries belong to one tenant. */
export const KEY_CACHE_LIMITS = {
  /** Milliseconds after which the key is requested from KMS again; counted from the response, not from the last use. */
  softAgeMs: 5 * MINUTE,
  /** Milliseconds after which a key is not used any more, even if KMS is unavailable. */
  hardAgeMs: 60 * MINUTE,
  /** Milliseconds for which a refusal is repeated without a call, and a failed refresh is not tried again. */
  quietMs: 10_000,
  maxOpens: 100_000,
  maxSeals: 1_000,
  maxEntries: 2_000,
};
export type KeyCacheLimits = typeof KEY_CACHE_LIMITS;

export interface CachedKey {
  readonly key: KeyObject;
  readonly fetchedAtMs: number;
  /** After a failed refresh: no other one before this time, in milliseconds since 1970. */
  retryNotBeforeMs: number;
  opens: number;
  seals: number;
}

export interface KeyCache {
  /** The key of this id. It is loaded if there is none or it is too old. Throws `KmsUnavailable` or `SecretUndecryptable`. */
  readonly get: (id: string, load: () => Promise<KeyObject>) => Promise<CachedKey>;
  readonly put: (id: string, key: KeyObject) => CachedKey;
}

/** During a transient failure of KMS a key is used up to its hard age; after a refusal it is not. */
const TRANSIENT_KMS_CODES = new Set(['throttled', 'server_error', 'timeout', 'network', 'bad_answer']);
const isTransient = (error: KeyError) => error instanceof KmsUnavailable && TRANSIENT_KMS_CODES.has(error.code);

function isFresh({ fetchedAtMs, retryNotBeforeMs, opens }: CachedKey, time: number, limits: KeyCacheLimits): boolean {
  const age = time - fetchedAtMs;
  if (age >= limits.hardAgeMs || opens >= limits.maxOpens) return false;
  return age < limits.softAgeMs || time < retryNotBeforeMs;
}

/** Caches keys for minutes. Concurrent requests for a key share one load. `now` is in milliseconds since 1970. */
export function createKeyCache({ now, limits }: { now: () => number; limits: KeyCacheLimits }): KeyCache {
  const keys = new LRUCache<string, CachedKey>({ max: limits.maxEntries });
  const refusals = new LRUCache<string, { error: KeyError; until: number }>({ max: limits.maxEntries });
  const loading = new Map<string, Promise<CachedKey>>();

  function put(id: string, key: KeyObject): CachedKey {
    const cached = { key, fetchedAtMs: now(), retryNotBeforeMs: 0, opens: 0, seals: 0 };
    keys.set(id, cached);
    return cached;
  }

  /** Returns the old key if it may still be used; otherwise throws. */
  function handleLoadFailure(id: string, error: KeyError): CachedKey {
    const until = now() + limits.quietMs;
    if (!isTransient(error)) {
      keys.delete(id);
      refusals.set(id, { error, until });
      throw error;
    }
    const old = keys.get(id);
    if (old === undefined || now() - old.fetchedAtMs >= limits.hardAgeMs) throw error;
    old.retryNotBeforeMs = until;
    return old;
  }

  async function get(id: string, load: () => Promise<KeyObject>): Promise<CachedKey> {
    const refusal = refusals.get(id);
    if (refusal !== undefined && now() < refusal.until) throw refusal.error;
    const cached = keys.get(id);
    if (cached !== undefined && isFresh(cached, now(), limits)) return cached;

    const running = loading.get(id);
    if (running !== undefined) return running;
    const started = load()
      .then((key) => put(id, key))
      .catch((error: unknown) => handleLoadFailure(id, toKeyError(error)))
      .finally(() => loading.delete(id));
    loading.set(id, started);
    return started;
  }

  return { get, put };
}
