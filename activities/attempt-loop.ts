import type { LaneChoice } from './acquire-permit.js';
import type { PrefetchCache } from './prefetch-cache.js';

export interface AttemptLoop {
  readonly lanes: LaneChoice;
  /** Where the first attempts of this process find what the bridge has just recorded. */
  readonly prefetchCache?: Pick<PrefetchCache, 'takeContext'>;
  readonly avoidSlow: boolean;
  /** What has not begun after so many milliseconds is handed back, without consuming an attempt. */
  readonly budgetMs: number;
  /** How long an attempt may wait here for its endpoint's rate limit; longer waits are the workflow's. */
  readonly maxSendWaitMs: number;
  /** After how many milliseconds an attempt without a slot comes again; absent: at once, in the other lane. */
  readonly capacityRetryMs?: number;
  /** Told of each attempt that is over or handed back. */
  readonly onAttemptOver?: (workflowId: string) => void;
  readonly stopping: AbortSignal;
}
