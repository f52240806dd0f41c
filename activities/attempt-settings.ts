import type { LaneChoice } from './acquire-permit.js';
import type { PrefetchCache } from './prefetch-cache.js';

/** Limits and lanes of one kind of attempts: the first ones, the later ones, or tests. */
export interface AttemptSettings {
  readonly lanes: LaneChoice;
  /** Set for first attempts: holds the deliveries that the bridge of this process has just recorded. */
  readonly prefetchCache?: Pick<PrefetchCache, 'takeContext'>;
  /** Defer deliveries to slow endpoints to the other lane. */
  readonly avoidSlow: boolean;
  /** An attempt that has no permit after so many milliseconds is deferred. It is not consumed. */
  readonly budgetMs: number;
  /** The longest wait for an endpoint's rate limit inside the activity. The workflow waits when it takes longer. */
  readonly maxSendWaitMs: number;
  /** Milliseconds until an attempt without a permit is due again. Absent: at once, in the other lane. */
  readonly capacityRetryMs?: number;
  /** Called once for each attempt, when it has ended or was deferred. */
  readonly onAttemptOver?: (workflowId: string) => void;
  /** Aborted on shutdown. Attempts without a permit are then deferred at once. */
  readonly stopping: AbortSignal;
}
