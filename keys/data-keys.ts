import { createHash, timingSafeEqual, type KeyObject } from 'node:crypto';
import { commitmentOf, EnvelopeError, parseEnvelope, type Envelope } from '../domain/security/envelope.js';
import { createKeyCache, KEY_CACHE_LIMITS, type CachedKey, type KeyCacheLimits } from './key-cache.js';
import { KmsUnavailable, SecretUndecryptable, toKeyError } from './key-errors.js';
import type { Kms } from './kms.js';
import { DAY_MS } from '../domain/delivery/durations.js';

/** Days after which the next sealed secret gets a new data key of the account. */
export const MAX_KEY_DAYS = 90;

/** An account's data key, with the parts that an envelope carries. */
export interface DataKey {
  readonly key: KeyObject;
  readonly wrappedKey: Buffer;
  /** Days since 1970. */
  readonly day: number;
}

/** Both functions throw only `KmsUnavailable` or `SecretUndecryptable`. */
export interface DataKeys {
  /** The key that opens this envelope. */
  readonly loadKeyForOpening: (input: { accountId: string; envelope: Buffer }) => Promise<KeyObject>;
  /** The data key of `sibling` (an envelope of the same account) if it may still seal, otherwise a new one. */
  readonly loadKeyForSealing: (input: { accountId: string; sibling?: Buffer | undefined }) => Promise<DataKey>;
}

export interface DataKeysDeps {
  readonly kms: Pick<Kms, 'generateDataKey' | 'unwrapDataKey'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly limits?: Partial<KeyCacheLimits>;
}

/**
 * Account, commitment and wrapped key: no entry serves another account, and a tampered envelope can neither evict nor poison
 * the entry that its siblings use.
 */
function cacheId(accountId: string, { commitment, wrappedKey }: Pick<Envelope, 'commitment' | 'wrappedKey'>): string {
  return `${accountId}:${createHash('sha256').update(commitment).update(wrappedKey).digest('base64')}`;
}

/** Caches the accounts' data keys for minutes; never the secrets that they open. */
export function createDataKeys({ kms, now, limits: limitOverrides }: DataKeysDeps): DataKeys {
  const limits = { ...KEY_CACHE_LIMITS, ...limitOverrides };
  const cache = createKeyCache({ now, limits });
  const today = () => Math.floor(now() / DAY_MS);

  function loadCachedKey(accountId: string, envelope: Envelope): Promise<CachedKey> {
    return cache.get(cacheId(accountId, envelope), async () => {
      const key = await kms.unwrapDataKey({ accountId, wrappedKey: envelope.wrappedKey });
      if (!timingSafeEqual(commitmentOf(key), envelope.commitment)) throw new SecretUndecryptable('envelope');
      return key;
    });
  }

  async function loadSiblingKey(accountId: string, sibling: Buffer): Promise<DataKey | undefined> {
    const envelope = parse(sibling);
    const age = today() - envelope.dataKeyDay;
    // The clocks of two processes may disagree around midnight: one day in the future is accepted.
    if (age >= MAX_KEY_DAYS || age < -1) return undefined;
    const cached = await loadCachedKey(accountId, envelope);
    if (cached.seals >= limits.maxSeals) return undefined;
    cached.seals += 1;
    return { key: cached.key, wrappedKey: Buffer.from(envelope.wrappedKey), day: envelope.dataKeyDay };
  }

  async function generateKey(accountId: string): Promise<DataKey> {
    const { key, wrappedKey } = await kms.generateDataKey(accountId);
    cache.put(cacheId(accountId, { commitment: commitmentOf(key), wrappedKey }), key).seals = 1;
    return { key, wrappedKey, day: today() };
  }

  return {
    async loadKeyForOpening({ accountId, envelope }) {
      const cached = await loadCachedKey(accountId, parse(envelope));
      cached.opens += 1;
      return cached.key;
    },
    async loadKeyForSealing({ accountId, sibling }) {
      const current = sibling && (await loadSiblingKey(accountId, sibling).catch(undefinedIfUndecryptable));
      return current ?? generateKey(accountId);
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

/** A damaged sibling must not prevent the account from writing a new secret. */
function undefinedIfUndecryptable(error: unknown): undefined {
  const keyError = toKeyError(error);
  if (keyError instanceof KmsUnavailable) throw keyError;
  return undefined;
}
