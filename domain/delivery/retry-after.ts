const MIN_MS = 1_000;
const MAX_MS = 24 * 60 * 60 * 1_000;

/**
 * What a `Retry-After` header asks for, in milliseconds from `nowMs`, clamped to [1 s, 24 h].
 * Both forms of RFC 9110 §10.2.3 are read: delay-seconds and HTTP-date. A date in the past gives the minimum;
 * anything else is ignored (`undefined`), as the RFC gives no meaning to it.
 */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  const value = header?.trim();
  if (value === undefined || value === '') return undefined;
  if (/^\d+$/.test(value)) return clamp(Number(value) * 1_000);
  // Date.parse reads far more than HTTP-dates ("5", "1.5"); those all begin with a weekday (RFC 9110 §5.6.7).
  if (!/^[A-Za-z]{3,9},? /.test(value)) return undefined;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : clamp(date - nowMs);
}

const clamp = (ms: number): number => Math.min(Math.max(ms, MIN_MS), MAX_MS);
