import type { Lane, LaneRequest, Release } from '../outbound/lanes.js';

export interface LaneChoice {
  lane: Lane;
  /** Where a request moves that takes long, if there is room: its slot is then free for others. */
  overflow?: Lane;
}

/** A slot of the lane, or `'refused'`. The caller releases it, wherever it is by then. */
export async function holdSlot(
  { lane, overflow }: LaneChoice,
  request: LaneRequest,
  longAfterMs: number,
): Promise<Release | 'refused'> {
  const slot = await lane.acquire(request);
  if (slot === 'refused' || overflow === undefined) return slot;
  let release = slot;
  const timer = setTimeout(() => {
    const elsewhere = overflow.tryAcquire();
    if (elsewhere === undefined) return;
    release();
    release = elsewhere;
  }, longAfterMs);
  return () => {
    clearTimeout(timer);
    release();
  };
}
