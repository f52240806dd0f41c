import type { Lane, LaneRequest } from '../outbound/lanes/lane.js';
import type { ReleasePermit } from '../outbound/lanes/permits.js';

export interface LaneChoice {
  readonly lane: Lane;
  /** A request that takes long moves here, before requests that have not started. It then frees its permit of `lane`. */
  readonly overflow?: Lane;
}

/**
 * Resolves with a permit of the lane, or with `'refused'`. After `longAfterMs` milliseconds the permit is exchanged for one of
 * the overflow lane, if there is one. The returned function releases the permit that is held when it is called.
 */
export async function acquirePermit(
  { lane, overflow }: LaneChoice,
  request: LaneRequest,
  longAfterMs: number,
): Promise<ReleasePermit | 'refused'> {
  const permit = await lane.acquire(request);
  if (permit === 'refused' || overflow === undefined) return permit;
  let release = permit;
  const ended = new AbortController();

  async function moveToOverflow(lane: Lane): Promise<void> {
    const { key, group } = request;
    const { signal } = ended;
    const overflowPermit = await lane.acquire({ key, group, deadlineMs: Infinity, isRunning: true, signal });
    if (overflowPermit === 'refused') return;
    release();
    release = overflowPermit;
    if (signal.aborted) release();
  }

  const timer = setTimeout(() => void moveToOverflow(overflow), longAfterMs);
  return () => {
    clearTimeout(timer);
    ended.abort();
    release();
  };
}
