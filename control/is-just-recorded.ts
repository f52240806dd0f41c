import type { DeliveryRow } from '../db/queries/deliveries.js';

/** The bridge records a delivery first and starts its workflow then, within five seconds and their retries. */
const STARTING_MS = 15_000;

/**
 * True while a delivery without a workflow may be one whose workflow is just being started: it is not abandoned yet, and
 * whoever acted in its place would race with its first attempt.
 */
export const isJustRecorded = (
  { status, createdAt }: Pick<DeliveryRow, 'status' | 'createdAt'>,
  nowMs: number,
): boolean => status === 'pending' && nowMs - createdAt.getTime() < STARTING_MS;
