import type { EndpointHealth } from './endpoint-health.js';
import { createLane, type Lane } from './lane.js';

/** Slots of the fast lane that only endpoints with a recent success may use. */
const PERMITS_KEPT_FOR_PROVEN = 2;

/**
 * The two lanes of a process. First attempts of endpoints that nobody knows share the fast lane without its last slots, one
 * request each. In the slow lane nobody is told apart: whoever is there has failed or is slow.
 */
export function createLanes(
  slots: Record<'fast' | 'slow', number>,
  health: EndpointHealth,
): Record<'fast' | 'slow', Lane> {
  const maxUnprovenPermits = slots.fast - Math.min(PERMITS_KEPT_FOR_PROVEN, Math.floor(slots.fast / 2));
  return {
    fast: createLane({
      capacity: slots.fast,
      unproven: { isProven: health.isProven, maxUnprovenPermits, maxWaitingMessagesEach: 2 },
    }),
    slow: createLane({ capacity: slots.slow }),
  };
}
