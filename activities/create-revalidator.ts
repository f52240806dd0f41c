import type { AttemptContext } from '../db/delivery-path/load-attempts.js';
import type { RevalidationResult, PendingAttempt } from '../db/delivery-path/revalidate-attempts.js';

/** An attempt that waits for its permit. */
export interface TrackedAttempt {
  /**
   * The attempt's context as it is now; undefined if its delivery was removed. Call it once, when the permit is held.
   * @throws DatabaseError
   */
  readonly revalidate: () => Promise<AttemptContext | undefined>;
  /** Call it when the attempt waits no more. */
  readonly untrack: () => void;
}

/** @param readAtMs when the context was read, in milliseconds since 1970 */
export type TrackPendingAttempt = (context: AttemptContext, attempt: number, readAtMs: number) => TrackedAttempt;

export interface RevalidatorDeps {
  readonly revalidateAttempts: (request: {
    accountId: string;
    webhookId: string;
    attempts: readonly PendingAttempt[];
  }) => Promise<RevalidationResult>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The longest use of data about an endpoint. It bounds how long attempts use a changed URL or secret. */
const FRESH_MS = 1_000;
/** A read covers at most so many waiting attempts of the endpoint, the first in line, plus the one that caused it. */
const MAX_ATTEMPTS = 200;

interface EndpointRead {
  readonly startedAtMs: number;
  readonly attempts: ReadonlySet<PendingAttempt>;
  readonly result: Promise<RevalidationResult>;
}

interface TrackedEndpoint {
  readonly accountId: string;
  readonly webhookId: string;
  /** In the order of their arrival, in which they also get their permits. */
  readonly pending: Set<PendingAttempt>;
  lastRead?: EndpointRead;
}

/**
 * Reads again the data that may have changed while attempts waited: their endpoint, and whether another process has finished
 * them. The payload never changes. Attempts of one endpoint that get their permits within a second share one read. The
 * endpoint is forgotten with its last waiting attempt.
 */
export function createRevalidator(deps: RevalidatorDeps): TrackPendingAttempt {
  const { now } = deps;
  const endpoints = new Map<string, TrackedEndpoint>();
  const isFresh = (atMs: number) => now() - atMs < FRESH_MS;

  /** The endpoint's last read, if it started after `sinceMs` and covers this attempt; otherwise a new one. */
  function findOrStartRead(endpoint: TrackedEndpoint, attempt: PendingAttempt, sinceMs: number): EndpointRead {
    const { lastRead } = endpoint;
    const isUsable = lastRead !== undefined && lastRead.startedAtMs > sinceMs && lastRead.attempts.has(attempt);
    return isUsable ? lastRead : startRead(deps, endpoint, attempt);
  }

  /** A result that is less than a second old now, or whose read started after this call, however long the read took. */
  async function readFresh(endpoint: TrackedEndpoint, attempt: PendingAttempt): Promise<RevalidationResult> {
    const calledAtMs = now();
    const { startedAtMs, result } = findOrStartRead(endpoint, attempt, calledAtMs - FRESH_MS);
    const revalidated = await result;
    if (startedAtMs >= calledAtMs || isFresh(startedAtMs)) return revalidated;
    return await findOrStartRead(endpoint, attempt, startedAtMs).result;
  }

  return (context, attemptNumber, readAtMs) => {
    const { accountId, webhookId, deliveryId } = context;
    const key = `${accountId} ${webhookId}`;
    const endpoint = endpoints.get(key) ?? { accountId, webhookId, pending: new Set() };
    const attempt = { deliveryId, attempt: attemptNumber };
    endpoints.set(key, endpoint);
    endpoint.pending.add(attempt);
    const untrack = () => {
      if (endpoint.pending.delete(attempt) && endpoint.pending.size === 0) endpoints.delete(key);
    };
    const revalidate = async () => {
      untrack();
      return isFresh(readAtMs) ? context : updateContext(context, attempt, await readFresh(endpoint, attempt));
    };
    return { revalidate, untrack };
  };
}

/** Reads for this attempt and for the first attempts that wait for the endpoint. A failed read is not used again. */
function startRead(
  { revalidateAttempts, now }: RevalidatorDeps,
  endpoint: TrackedEndpoint,
  attempt: PendingAttempt,
): EndpointRead {
  const { accountId, webhookId, pending } = endpoint;
  const attempts = new Set([attempt, ...takeFirst(pending, MAX_ATTEMPTS)]);
  const result = revalidateAttempts({ accountId, webhookId, attempts: [...attempts] });
  const read: EndpointRead = { startedAtMs: now(), attempts, result };
  endpoint.lastRead = read;
  result.catch(() => {
    if (endpoint.lastRead === read) delete endpoint.lastRead;
  });
  return read;
}

function takeFirst(pending: ReadonlySet<PendingAttempt>, count: number): PendingAttempt[] {
  const first: PendingAttempt[] = [];
  for (const attempt of pending) {
    if (first.length === count) break;
    first.push(attempt);
  }
  return first;
}

function updateContext(
  context: AttemptContext,
  { deliveryId, attempt }: PendingAttempt,
  { endpoint, noLongerPending }: RevalidationResult,
): AttemptContext | undefined {
  const change = noLongerPending.find((each) => each.deliveryId === deliveryId && each.attempt === attempt);
  if (change?.settled === 'gone') return undefined;
  return { ...context, endpoint, finished: change?.settled };
}
