import type { LaneChoice } from './acquire-permit.js';
import type { PrefetchCache } from './prefetch-cache.js';

export interface AttemptLoop {
  lanes: LaneChoice;
  /** Where the first attempts of this process find what the bridge has just recorded. */
  prefetchCache?: Pick<PrefetchCache, 'takeContext'>;
  avoidSlow: boolean;
  /** What has not begun after so many milliseconds is handed back, without consuming an attempt. */
  budgetMs: number;
  /** How long an attempt may wait here for its endpoint's rate limit; longer waits are the workflow's. */
  maxSendWaitMs: number;
  /** After how many milliseconds an attempt without a slot comes again; absent: at once, in the other lane. */
  capacityRetryMs?: number;
  /** Told of each attempt that is over or handed back. */
  onAttemptOver?: (workflowId: string) => void;
  stopping: AbortSignal;
}
