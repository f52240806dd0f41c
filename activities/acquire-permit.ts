import type { Lane, LaneRequest, ReleasePermit } from '../outbound/lanes/lane.js';

export interface LaneChoice {
  readonly lane: Lane;
  /** Where a request moves that takes long, before those that wait there: its slot is then free for others. */
  readonly overflow?: Lane;
}

/** A slot of the lane, or `'refused'`. The caller releases it, wherever it is by then. */
export async function acquirePermit(
  { lane, overflow }: LaneChoice,
  request: LaneRequest,
  longAfterMs: number,
): Promise<ReleasePermit | 'refused'> {
  const slot = await lane.acquire(request);
  if (slot === 'refused' || overflow === undefined) return slot;
  let release = slot;
  const over = new AbortController();
  const move = async () => {
    const { key, group } = request;
    const elsewhere = await overflow.acquire({
      key,
      group,
      deadlineMs: Infinity,
      isRunning: true,
      signal: over.signal,
    });
    if (elsewhere === 'refused') return;
    release();
    release = elsewhere;
    if (over.signal.aborted) release();
  };
  const timer = setTimeout(() => void move(), longAfterMs);
  return () => {
    clearTimeout(timer);
    over.abort();
    release();
  };
}
