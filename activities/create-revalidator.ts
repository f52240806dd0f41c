import type { AttemptContext } from '../db/delivery-path/load-attempts.js';
import type { RevalidationResult, PendingAttempt } from '../db/delivery-path/revalidate-attempts.js';

/** An attempt that waits for its turn. */
export interface TrackedAttempt {
  /**
   * What it needs, as it is now; undefined when its delivery is gone. To be asked when its turn has come.
   * @throws DatabaseError
   */
  readonly revalidate: () => Promise<AttemptContext | undefined>;
  /** It waits no more. */
  readonly untrack: () => void;
}

/** @param readAtMs when the material was read, in milliseconds since 1970 */
export type TrackPendingAttempt = (material: AttemptContext, attempt: number, readAtMs: number) => TrackedAttempt;

export interface RevalidatorDeps {
  readonly revalidateAttempts: (asked: {
    accountId: string;
    webhookId: string;
    attempts: readonly PendingAttempt[];
  }) => Promise<RevalidationResult>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What is read about an endpoint counts for so long: an attempt uses the URL and secret that are current when it is made. */
const FRESH_MS = 1_000;
/** Of those that wait for one endpoint, the first: whom a read is for besides the one that asks. */
const MAX_ATTEMPTS = 200;

interface Read {
  readonly atMs: number;
  readonly attempts: ReadonlySet<PendingAttempt>;
  readonly answer: Promise<RevalidationResult>;
}

interface Endpoint {
  readonly accountId: string;
  readonly webhookId: string;
  /** In the order in which they came, which is that of their turns. */
  readonly waiting: Set<PendingAttempt>;
  last?: Read;
}

/**
 * Reads again what may have changed while attempts waited: their endpoint, and whether somebody else has settled them. The
 * payload never does. One read is for all that wait for the endpoint and get their turn within a second; it is forgotten
 * with the last of them.
 */
export function createRevalidator({ revalidateAttempts, now }: RevalidatorDeps): TrackPendingAttempt {
  const endpoints = new Map<string, Endpoint>();
  const isFresh = (atMs: number) => now() - atMs < FRESH_MS;

  /** The last read, if it was begun after that time and is for this attempt, or else a new one. */
  function readAfter(sinceMs: number, endpoint: Endpoint, attempt: PendingAttempt): Read {
    const { accountId, webhookId, last } = endpoint;
    if (last !== undefined && last.atMs > sinceMs && last.attempts.has(attempt)) return last;
    const attempts = new Set([attempt, ...firstOf(endpoint.waiting)]);
    const answer = revalidateAttempts({ accountId, webhookId, attempts: [...attempts] });
    const started: Read = { atMs: now(), attempts, answer };
    endpoint.last = started;
    answer.catch(() => {
      if (endpoint.last === started) delete endpoint.last;
    });
    return started;
  }

  /** What was read after it was asked for, however long that took, or less than a second ago. */
  async function readFresh(endpoint: Endpoint, attempt: PendingAttempt): Promise<RevalidationResult> {
    const askedAtMs = now();
    const { atMs, answer } = readAfter(askedAtMs - FRESH_MS, endpoint, attempt);
    const result = await answer;
    if (atMs >= askedAtMs || isFresh(atMs)) return result;
    return await readAfter(atMs, endpoint, attempt).answer;
  }

  return (material, attempt, readAtMs) => {
    const { accountId, webhookId, deliveryId } = material;
    const key = `${accountId} ${webhookId}`;
    const endpoint = endpoints.get(key) ?? { accountId, webhookId, waiting: new Set() };
    const self = { deliveryId, attempt };
    endpoints.set(key, endpoint);
    endpoint.waiting.add(self);
    const untrack = () => {
      if (endpoint.waiting.delete(self) && endpoint.waiting.size === 0) endpoints.delete(key);
    };
    const revalidate = async () => {
      untrack();
      return isFresh(readAtMs) ? material : changed(material, attempt, await readFresh(endpoint, self));
    };
    return { revalidate, untrack };
  };
}

function firstOf(waiting: ReadonlySet<PendingAttempt>): PendingAttempt[] {
  const first: PendingAttempt[] = [];
  for (const attempt of waiting) {
    if (first.length === MAX_ATTEMPTS) break;
    first.push(attempt);
  }
  return first;
}

function changed(material: AttemptContext, attempt: number, { endpoint, noLongerPending }: RevalidationResult) {
  const own = noLongerPending.find((each) => each.deliveryId === material.deliveryId && each.attempt === attempt);
  if (own?.settled === 'gone') return undefined;
  return { ...material, endpoint, finished: own?.settled };
}
