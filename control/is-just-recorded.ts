import type { DeliveryRow } from '../db/queries/deliveries.js';

/** Milliseconds in which the bridge starts the workflow of a delivery that it recorded: five seconds and their retries. */
const STARTING_MS = 15_000;

/**
 * True while the bridge may still start the workflow of a delivery that has none. The delivery is not abandoned then, and an
 * outcome or a replay written now would race with its first attempt.
 */
export const isJustRecorded = (
  { status, createdAt }: Pick<DeliveryRow, 'status' | 'createdAt'>,
  nowMs: number,
): boolean => status === 'pending' && nowMs - createdAt.getTime() < STARTING_MS;
