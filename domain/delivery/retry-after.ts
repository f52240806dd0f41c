import { DAY_MS, SECOND_MS } from './durations.js';

const MIN_MS = SECOND_MS;
const MAX_MS = DAY_MS;

const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const TIME = '\\d{2}:\\d{2}:\\d{2}';
/** The three forms of an HTTP-date (RFC 9110 §5.6.7). `Date.parse` alone accepts far more: it reads even "after 5" as a date. */
const HTTP_DATE = new RegExp(
  `^(?:[A-Z][a-z]{2}, \\d{2} ${MONTH} \\d{4} ${TIME} GMT|[A-Z][a-z]{5,8}, \\d{2}-${MONTH}-\\d{2} ${TIME} GMT|[A-Z][a-z]{2} ${MONTH} [ \\d]\\d ${TIME} \\d{4})$`,
);

/**
 * Reads a `Retry-After` header: milliseconds from `nowMs`, clamped to [1 s, 24 h].
 * Accepts both forms of RFC 9110 §10.2.3, delay-seconds and HTTP-date. A date in the past gives the minimum.
 * Any other text gives `undefined`, because the RFC defines no meaning for it.
 */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  const value = header?.trim();
  if (value === undefined || value === '') return undefined;
  if (/^\d+$/.test(value)) return clamp(Number(value) * 1_000);
  if (!HTTP_DATE.test(value)) return undefined;
  // The asctime form names no zone. It is UTC; without the suffix `Date.parse` would use the zone of this process.
  const date = Date.parse(value.endsWith('GMT') ? value : `${value} GMT`);
  return Number.isNaN(date) ? undefined : clamp(date - nowMs);
}

const clamp = (ms: number): number => Math.min(Math.max(ms, MIN_MS), MAX_MS);
