import { createHash, timingSafeEqual, type KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { commitmentOf, EnvelopeError, parseEnvelope, type Envelope } from '../domain/security/envelope.js';
import { KmsUnavailable, SecretUndecryptable, toKeyError, type KeyError } from './key-errors.js';
import type { Kms } from './kms.js';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** AWS Encryption SDK, "Data key caching": a maximum age is mandatory, entries belong to one tenant. */
export const DATA_KEY_LIMITS = {
  /** Milliseconds after which KMS is asked again; counted from the answer, not from the last use. */
  softAgeMs: 5 * MINUTE,
  /** Milliseconds after which a key is not used any more even if KMS is down. */
  hardAgeMs: 60 * MINUTE,
  /** Milliseconds for which a refusal is repeated, or a failed refresh not tried again. */
  quietMs: 10_000,
  maxSeals: 1_000,
  maxOpens: 100_000,
  maxEntries: 2_000,
  /** Days after which the next written secret gets a new tenant data key. */
  maxKeyDays: 90,
} as const;

/** A tenant's data key, with what an envelope needs to carry of it. */
export type DataKey = { key: KeyObject; wrappedKey: Buffer; day: number };

type Entry = { key: KeyObject; fetchedAt: number; quietUntil: number; opens: number; seals: number };
type Refusal = { error: KeyError; until: number };

export type DataKeys = {
  /** The key that opens this envelope. Throws `KmsUnavailable` or `SecretUndecryptable`. */
  forOpening(input: { accountId: string; envelope: Buffer }): Promise<KeyObject>;
  /** The tenant's current key if `sibling` (an envelope of the same account) still has it, else a new one. */
  forSealing(input: { accountId: string; sibling?: Buffer | undefined }): Promise<DataKey>;
};

export type DataKeysOptions = {
  kms: Pick<Kms, 'generateDataKey' | 'unwrapDataKey'>;
  /** Milliseconds since 1970. */
  now: () => number;
  limits?: Partial<Record<keyof typeof DATA_KEY_LIMITS, number>>;
};

/** Transient trouble of KMS may be bridged with a key of up to the hard age; a refusal may not. */
const TRANSIENT = new Set(['throttled', 'server_error', 'timeout', 'network', 'bad_answer']);
const isTransient = (error: KeyError) => error instanceof KmsUnavailable && TRANSIENT.has(error.code);

/**
 * Tenant, commitment and wrapped key: no entry serves another tenant, and a tampered envelope can neither evict nor
 * poison the entry its siblings use.
 */
function cacheKey(accountId: string, { commitment, wrappedKey }: Pick<Envelope, 'commitment' | 'wrappedKey'>): string {
  return `${accountId}:${createHash('sha256').update(commitment).update(wrappedKey).digest('base64')}`;
}

function parse(envelope: Buffer): Envelope {
  try {
    return parseEnvelope(envelope);
  } catch (error) {
    throw error instanceof EnvelopeError ? new SecretUndecryptable('envelope') : error;
  }
}

/** Keeps the tenants' data keys for minutes, never the secrets they open. One KMS call a key, however many wait. */
export function createDataKeys({ kms, now, limits: overrides = {} }: DataKeysOptions): DataKeys {
  const limits = { ...DATA_KEY_LIMITS, ...overrides };
  const entries = new LRUCache<string, Entry>({ max: limits.maxEntries });
  const refusals = new LRUCache<string, Refusal>({ max: limits.maxEntries });
  const pending = new Map<string, Promise<Entry>>();

  const remember = (id: string, key: KeyObject): Entry => {
    const entry = { key, fetchedAt: now(), quietUntil: 0, opens: 0, seals: 0 };
    entries.set(id, entry);
    return entry;
  };

  async function unwrap(id: string, accountId: string, envelope: Envelope): Promise<Entry> {
    const key = await kms.unwrapDataKey({ accountId, wrappedKey: envelope.wrappedKey });
    if (!timingSafeEqual(commitmentOf(key), envelope.commitment)) throw new SecretUndecryptable('envelope');
    return remember(id, key);
  }

  /** What a failed KMS call means for the entry it should have refreshed. */
  function afterFailure(id: string, error: KeyError): Entry {
    const stale = entries.get(id);
    const until = now() + limits.quietMs;
    if (!isTransient(error)) {
      entries.delete(id);
      refusals.set(id, { error, until });
      throw error;
    }
    if (stale === undefined || now() - stale.fetchedAt >= limits.hardAgeMs) throw error;
    stale.quietUntil = until;
    return stale;
  }

  function fetchOnce(id: string, accountId: string, envelope: Envelope): Promise<Entry> {
    const running = pending.get(id);
    if (running !== undefined) return running;
    const fetching = unwrap(id, accountId, envelope)
      .catch((error: unknown) => afterFailure(id, toKeyError(error)))
      .finally(() => pending.delete(id));
    pending.set(id, fetching);
    return fetching;
  }

  function isFresh(entry: Entry): boolean {
    const age = now() - entry.fetchedAt;
    if (age >= limits.hardAgeMs || entry.opens >= limits.maxOpens) return false;
    return age < limits.softAgeMs || now() < entry.quietUntil;
  }

  async function entryFor(accountId: string, envelope: Envelope): Promise<Entry> {
    const id = cacheKey(accountId, envelope);
    const refusal = refusals.get(id);
    if (refusal !== undefined && now() < refusal.until) throw refusal.error;
    const cached = entries.get(id);
    return cached !== undefined && isFresh(cached) ? cached : fetchOnce(id, accountId, envelope);
  }

  async function forOpening({ accountId, envelope }: { accountId: string; envelope: Buffer }): Promise<KeyObject> {
    const entry = await entryFor(accountId, parse(envelope));
    entry.opens += 1;
    return entry.key;
  }

  async function reuse(accountId: string, sibling: Buffer): Promise<DataKey | undefined> {
    const envelope = parse(sibling);
    const age = Math.floor(now() / DAY) - envelope.dataKeyDay;
    if (age >= limits.maxKeyDays || age < -1) return undefined;
    const entry = await entryFor(accountId, envelope);
    if (entry.seals >= limits.maxSeals) return undefined;
    entry.seals += 1;
    return { key: entry.key, wrappedKey: Buffer.from(envelope.wrappedKey), day: envelope.dataKeyDay };
  }

  async function forSealing({ accountId, sibling }: { accountId: string; sibling?: Buffer | undefined }) {
    const current = sibling && (await reuse(accountId, sibling).catch(undefinedIfUndecryptable));
    if (current !== undefined) return current;
    const { key, wrappedKey } = await kms.generateDataKey(accountId).catch(rethrow);
    remember(cacheKey(accountId, { commitment: commitmentOf(key), wrappedKey }), key).seals = 1;
    return { key, wrappedKey, day: Math.floor(now() / DAY) };
  }

  return { forOpening, forSealing };
}

/** A damaged sibling must not stop its owner from writing a good secret. */
function undefinedIfUndecryptable(error: unknown): undefined {
  const keyError = toKeyError(error);
  if (keyError instanceof KmsUnavailable) throw keyError;
  return undefined;
}

function rethrow(error: unknown): never {
  throw toKeyError(error);
}
