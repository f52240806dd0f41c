const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/**
 * Delay in milliseconds before each attempt of a delivery: ten attempts over 75 h 35 min.
 * Source: the schedule that Standard Webhooks 1.0.0 recommends. It travels in the workflow input, so that a change
 * here applies to new deliveries and never to one that is already waiting.
 */
export const DEFAULT_RETRY_SCHEDULE: readonly number[] = [
  0,
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];

/** Share of a scheduled delay by which jitter moves it, in both directions. */
export const JITTER = 0.2;

export interface RetryQuestion {
  readonly schedule: readonly number[];
  /** Attempts already made in this cycle, from 1. */
  readonly attemptsMade: number;
  /** Deliveries with the same key wait equally long: the first delivery of the endpoint in this message. */
  readonly jitterKey: string;
  /** What the receiver asked for (`Retry-After`), already clamped. A floor, never a shortcut. */
  readonly retryAfterMs?: number | undefined;
}

/** Milliseconds until the next attempt, or `undefined` when the schedule is exhausted. */
export function nextDelayMs({ schedule, attemptsMade, jitterKey, retryAfterMs }: RetryQuestion): number | undefined {
  const scheduled = schedule[attemptsMade];
  if (scheduled === undefined) return undefined;
  const jittered = Math.round(scheduled * (1 + JITTER * spread(`${jitterKey}:${String(attemptsMade)}`)));
  return Math.max(jittered, retryAfterMs ?? 0);
}

/** FNV-1a (32 bit), mapped to [-1, 1): replay-safe, needs no module and no clock. */
function spread(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return ((hash >>> 0) / 0x1_0000_0000) * 2 - 1;
}
