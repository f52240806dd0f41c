import { HOUR_MS, MINUTE_MS, SECOND_MS } from './durations.js';

/**
 * Delay in milliseconds before each attempt of a delivery: ten attempts over 75 h 35 min.
 * Source: the schedule that Standard Webhooks 1.0.0 recommends. The workflow input carries it, so a change here applies to
 * new deliveries only.
 */
export const DEFAULT_RETRY_SCHEDULE: readonly number[] = [
  0,
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];

/** Largest jitter as a share of the scheduled delay, in both directions. */
export const JITTER = 0.2;

export interface NextDelayInput {
  readonly schedule: readonly number[];
  /** Attempts already made in this cycle, from 1. */
  readonly attemptsMade: number;
  /** Deliveries with the same key get the same jitter. The key is the id of the endpoint's first delivery in this message. */
  readonly jitterKey: string;
  /** The receiver's `Retry-After` in milliseconds, already clamped. It can lengthen the delay and never shortens it. */
  readonly retryAfterMs?: number | undefined;
}

/** Milliseconds until the next attempt, or `undefined` when the schedule is exhausted. */
export function nextDelayMs({ schedule, attemptsMade, jitterKey, retryAfterMs }: NextDelayInput): number | undefined {
  const scheduled = schedule[attemptsMade];
  if (scheduled === undefined) return undefined;
  const jittered = Math.round(scheduled * (1 + JITTER * spread(`${jitterKey}:${String(attemptsMade)}`)));
  return Math.max(jittered, retryAfterMs ?? 0);
}

/** FNV-1a (32 bit), mapped to [-1, 1). Deterministic, so a workflow can call it on replay. */
function spread(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return ((hash >>> 0) / 0x1_0000_0000) * 2 - 1;
}
