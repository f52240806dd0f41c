import type { CancelForDeletedWebhookInput, ReplayPageRequest } from '../contracts/workflows/replay-deliveries.js';
import { cancelWaitingPage, type CancelWaitingPageDeps } from './cancel-waiting-page.js';
import { replayPage, type ReplayPageDeps } from './replay-page.js';
import { redactFailures } from './redact-failures.js';

export interface BulkDeps extends ReplayPageDeps, CancelWaitingPageDeps {
  /** Told of errors that nobody foresaw; Temporal sees a constant text instead. */
  readonly report: (error: unknown) => void;
}

/** The activities of the bulk queue: each works on one bounded page of deliveries. */
export const createBulkActivities = (deps: BulkDeps) => ({
  /** Sends a page of settled deliveries again. */
  replayPage: redactFailures((request: ReplayPageRequest) => replayPage(deps, request), deps.report),
  /** Ends a page of deliveries that wait for a deleted webhook. */
  endPage: redactFailures((asked: CancelForDeletedWebhookInput) => cancelWaitingPage(deps, asked), deps.report),
});

export type BulkActivities = ReturnType<typeof createBulkActivities>;
