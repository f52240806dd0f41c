import type { AttemptErrorCode, DeferralReason, GiveUpReason } from './statuses.js';

/** The effect of an attempt on its delivery. Expected failures are values; only unavailable infrastructure throws. */
export type AttemptOutcome =
  | { kind: 'delivered'; status: number }
  | { kind: 'retry'; code: AttemptErrorCode; status?: number; retryAfterMs?: number }
  | { kind: 'giveUp'; reason: GiveUpReason; code?: AttemptErrorCode; status?: number }
  | { kind: 'skipped'; reason: 'endpoint_disabled' }
  /**
   * Due again after `retryAfterMs`, or at once. `sendAtMs` (milliseconds since 1970): the send time reserved under the
   * endpoint's rate limit. The next `AttemptRequest` carries it, so the reservation is used and not made again.
   */
  | { kind: 'deferred'; reason: DeferralReason; retryAfterMs?: number; sendAtMs?: number };

/** Result of a POST: an answer with a status line, or no answer. */
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
