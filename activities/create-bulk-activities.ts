import type { CancelForDeletedWebhookInput, ReplayPageRequest } from '../contracts/workflows/replay-deliveries.js';
import { cancelWaitingPage, type CancelWaitingPageDeps } from './cancel-waiting-page.js';
import { replayPage, type ReplayPageDeps } from './replay-page.js';
import { redactFailures } from './redact-failures.js';

export interface BulkDeps extends ReplayPageDeps, CancelWaitingPageDeps {
  /** Called with unexpected errors. Temporal gets a constant text instead. */
  readonly report: (error: unknown) => void;
}

/** The activities of the bulk queue. Each works on one bounded page of deliveries. */
export const createBulkActivities = (deps: BulkDeps) => ({
  /** Replays a page of ended deliveries. */
  replayPage: redactFailures((request: ReplayPageRequest) => replayPage(deps, request), deps.report),
  /** Cancels a page of deliveries that wait for a deleted webhook. Recorded histories contain the name `endPage`. */
  endPage: redactFailures((request: CancelForDeletedWebhookInput) => cancelWaitingPage(deps, request), deps.report),
});

export type BulkActivities = ReturnType<typeof createBulkActivities>;
