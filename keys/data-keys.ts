import { createHash, timingSafeEqual, type KeyObject } from 'node:crypto';
import { commitmentOf, EnvelopeError, parseEnvelope, type Envelope } from '../domain/security/envelope.js';
import { createKeyCache, KEY_CACHE_LIMITS, type CachedKey, type KeyCacheLimits } from './key-cache.js';
import { KmsUnavailable, SecretUndecryptable, toKeyError } from './key-errors.js';
import type { Kms } from './kms.js';
import { DAY_MS } from '../domain/delivery/durations.js';

/** Days after which the next written secret gets a new tenant data key. */
export const MAX_KEY_DAYS = 90;

/** A tenant's data key, with what an envelope needs to carry of it. */
export interface DataKey {
  readonly key: KeyObject;
  readonly wrappedKey: Buffer;
  /** Days since 1970. */
  readonly day: number;
}

/** Both throw only `KmsUnavailable` or `SecretUndecryptable`. */
export interface DataKeys {
  /** The key that opens this envelope. */
  readonly loadKeyForOpening: (input: { accountId: string; envelope: Buffer }) => Promise<KeyObject>;
  /** The tenant's current key if `sibling` (an envelope of the same account) still has it, else a new one. */
  readonly loadKeyForSealing: (input: { accountId: string; sibling?: Buffer | undefined }) => Promise<DataKey>;
}

export interface DataKeysDeps {
  readonly kms: Pick<Kms, 'generateDataKey' | 'unwrapDataKey'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly limits?: Partial<KeyCacheLimits>;
}

/**
 * Tenant, commitment and wrapped key: no entry serves another tenant, and a tampered envelope can neither evict nor
 * poison the entry its siblings use.
 */
function cacheId(accountId: string, { commitment, wrappedKey }: Pick<Envelope, 'commitment' | 'wrappedKey'>): string {
  return `${accountId}:${createHash('sha256').update(commitment).update(wrappedKey).digest('base64')}`;
}

/** Keeps the tenants' data keys for minutes, never the secrets they open. */
export function createDataKeys({ kms, now, limits: changed }: DataKeysDeps): DataKeys {
  const limits = { ...KEY_CACHE_LIMITS, ...changed };
  const cache = createKeyCache({ now, limits });
  const today = () => Math.floor(now() / DAY_MS);

  function cachedKey(accountId: string, envelope: Envelope): Promise<CachedKey> {
    return cache.get(cacheId(accountId, envelope), async () => {
      const key = await kms.unwrapDataKey({ accountId, wrappedKey: envelope.wrappedKey });
      if (!timingSafeEqual(commitmentOf(key), envelope.commitment)) throw new SecretUndecryptable('envelope');
      return key;
    });
  }

  async function keyOfSibling(accountId: string, sibling: Buffer): Promise<DataKey | undefined> {
    const envelope = parse(sibling);
    const age = today() - envelope.dataKeyDay;
    // Clocks of two pods may disagree around midnight, not by more.
    if (age >= MAX_KEY_DAYS || age < -1) return undefined;
    const cached = await cachedKey(accountId, envelope);
    if (cached.seals >= limits.maxSeals) return undefined;
    cached.seals += 1;
    return { key: cached.key, wrappedKey: Buffer.from(envelope.wrappedKey), day: envelope.dataKeyDay };
  }

  async function newKey(accountId: string): Promise<DataKey> {
    const { key, wrappedKey } = await kms.generateDataKey(accountId);
    cache.put(cacheId(accountId, { commitment: commitmentOf(key), wrappedKey }), key).seals = 1;
    return { key, wrappedKey, day: today() };
  }

  return {
    async loadKeyForOpening({ accountId, envelope }) {
      const cached = await cachedKey(accountId, parse(envelope));
      cached.opens += 1;
      return cached.key;
    },
    async loadKeyForSealing({ accountId, sibling }) {
      const current = sibling && (await keyOfSibling(accountId, sibling).catch(undefinedIfUndecryptable));
      return current ?? newKey(accountId);
    },
  };
}

function parse(envelope: Buffer): Envelope {
  try {
    return parseEnvelope(envelope);
  } catch (error) {
    throw error instanceof EnvelopeError ? new SecretUndecryptable('envelope') : error;
  }
}

/** A damaged sibling must not stop its owner from writing a good secret. */
function undefinedIfUndecryptable(error: unknown): undefined {
  const keyError = toKeyError(error);
  if (keyError instanceof KmsUnavailable) throw keyError;
  return undefined;
}
