import type { AttemptErrorCode, DeferralReason, GiveUpReason } from './statuses.js';

/** What an attempt means for its delivery. Expected failures are values; only lost infrastructure is thrown. */
export type AttemptOutcome =
  | { kind: 'delivered'; status: number }
  | { kind: 'retry'; code: AttemptErrorCode; status?: number; retryAfterMs?: number }
  | { kind: 'giveUp'; reason: GiveUpReason; code?: AttemptErrorCode; status?: number }
  | { kind: 'skipped'; reason: 'endpoint_disabled' }
  /**
   * Due again after `retryAfterMs`, or at once. `slotAtMs` (milliseconds since 1970): when its endpoint's rate limit has room for
   * it; the place is reserved and comes back with the next request.
   */
  | { kind: 'deferred'; reason: DeferralReason; retryAfterMs?: number; sendAtMs?: number };

/** What came back from the receiver: an answer with a status line, or no answer. */
export type PostOutcome =
  { kind: 'response'; status: number; retryAfterMs?: number | undefined } | { kind: 'error'; code: AttemptErrorCode };

/**
 * The rule of the service: 2xx is delivered, 410 Gone ends the delivery (Standard Webhooks 1.0.0, "410 Gone"),
 * everything else, redirects included, is tried again.
 */
export function decideOutcome(result: PostOutcome): AttemptOutcome {
  if (result.kind === 'error') return { kind: 'retry', code: result.code };
  const { status, retryAfterMs } = result;
  if (status >= 200 && status <= 299) return { kind: 'delivered', status };
  if (status === 410) return { kind: 'giveUp', reason: 'endpoint_gone', code: 'gone', status };
  const code = status >= 300 && status <= 399 ? 'redirect' : 'http_error';
  return { kind: 'retry', code, status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}
