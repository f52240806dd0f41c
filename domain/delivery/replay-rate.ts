/**
 * Replays that one task or one command starts in a second at most. A task reads a page of this size and starts as many
 * workflows in each second; the limit bounds both. Customers have a lower one, `contracts/rest/task.ts`.
 */
export const MAX_REPLAYS_PER_SECOND = 100;

/** The nearest rate that a task may have: a whole number from 1 to the maximum. A value that is not a number gives 1. */
export const clampReplayRate = (ratePerSecond: number): number =>
  Math.min(MAX_REPLAYS_PER_SECOND, Math.max(1, Math.floor(ratePerSecond) || 1));
