import type { ReplayTaskState } from '../../domain/delivery/workflow-names.js';
import type { ReplayableOutcome } from '../../domain/delivery/statuses.js';
import type { ReplayRequest } from './deliver-webhook.js';

/** Which deliveries of an account. */
export interface ReplayFilter {
  readonly webhookId?: string | undefined;
  /** A type, or `order.*` for all below it. */
  readonly eventType?: string | undefined;
  /** Not empty. */
  readonly statuses: ReplayableOutcome[];
  /** When the event came in, in milliseconds since 1970; the end is not included. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** Input of `replayDeliveries`. */
export interface ReplayTaskInput {
  readonly accountId: string;
  readonly filter: ReplayFilter;
  /** Replays begun a second, 1 to 100. */
  readonly ratePerSecond: number;
  /** Only deliveries that ended before are sent again: none twice by one task. Milliseconds since 1970. */
  readonly requestedAtMs: number;
  readonly replay: ReplayRequest;
  /** Where the run before this one stopped. */
  readonly continueFrom?: { after?: string | undefined; report: ReplayReport };
}

/** How far a task has come; what the `report` query answers, and its result. */
export interface ReplayReport {
  state: ReplayTaskState;
  readonly filter: ReplayFilter;
  ratePerSecond: number;
  readonly requestedAtMs: number;
  /** Replays begun by this task. */
  started: number;
  /** Deliveries that somebody else was already replaying. */
  already: number;
  /** Up to which time in the filter's range everything is looked at; null before the first page. */
  positionMs: number | null;
}

/** Input of `replayPage`. */
export interface ReplayPageRequest {
  readonly accountId: string;
  readonly filter: ReplayFilter;
  readonly endedBeforeMs: number;
  readonly replay: ReplayRequest;
  readonly limit: number;
  readonly after?: string;
}

export interface ReplayPage {
  readonly started: number;
  readonly already: number;
  /** Where the next page begins; absent after the last one. */
  readonly after?: string;
}

/** Input of `endDeliveries` and of its activity `endPage`. */
export interface CancelForDeletedWebhookInput {
  readonly accountId: string;
  readonly webhookId: string;
  readonly after?: string;
}

export interface CancelForDeletedWebhookPage {
  /** Where the next page begins; absent after the last one. */
  readonly after?: string;
}
