import type { EndpointHealth } from './endpoint-health.js';
import { createLane, type Lane } from './lane.js';

/** Permits of the fast lane that only endpoints with a recent success may use. */
const PERMITS_KEPT_FOR_PROVEN = 2;

/**
 * Creates the two lanes of a process. In the fast lane, endpoints without a recent success get one permit each and never the last
 * permits. The slow lane treats all endpoints alike, because each of them has failed or is slow.
 */
export function createLanes(
  permits: Record<'fast' | 'slow', number>,
  health: EndpointHealth,
): Record<'fast' | 'slow', Lane> {
  const maxUnprovenPermits = permits.fast - Math.min(PERMITS_KEPT_FOR_PROVEN, Math.floor(permits.fast / 2));
  return {
    fast: createLane({
      capacity: permits.fast,
      unproven: { isProven: health.isProven, maxUnprovenPermits, maxWaitingMessagesEach: 2 },
    }),
    slow: createLane({ capacity: permits.slow }),
  };
}
