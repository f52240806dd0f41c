import type { LaneChoice } from './acquire-permit.js';
import type { HandOver } from './prefetch-cache.js';

export interface AttemptLoop {
  lanes: LaneChoice;
  /** Where the first attempts of this process find what the bridge has just recorded. */
  handOver?: Pick<HandOver, 'take'>;
  avoidSlow: boolean;
  /** What has not begun after so many milliseconds is handed back, without consuming an attempt. */
  budgetMs: number;
  /** How long an attempt may wait here for its endpoint's rate limit; longer waits are the workflow's. */
  patienceMs: number;
  /** After how many milliseconds an attempt without a slot comes again; absent: at once, in the other lane. */
  capacityRetryMs?: number;
  /** Told of each attempt that is over or handed back. */
  attemptOver?: (workflowId: string) => void;
  stopping: AbortSignal;
}
