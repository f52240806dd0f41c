import type { ReplayTaskState } from '../../domain/delivery/workflow-names.js';
import type { ReplayableOutcome } from '../../domain/delivery/statuses.js';
import type { ReplayRequest } from './deliver-webhook.js';

/** Selects deliveries of an account. */
export interface ReplayFilter {
  readonly webhookId?: string | undefined;
  /** A type, or `order.*` for every type below it. */
  readonly eventType?: string | undefined;
  /** Not empty. */
  readonly statuses: ReplayableOutcome[];
  /** Arrival of the event in milliseconds since 1970; the end is excluded. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** Input of `replayDeliveries`. */
export interface ReplayTaskInput {
  readonly accountId: string;
  readonly filter: ReplayFilter;
  /** Replays started per second, 1 to `MAX_REPLAYS_PER_SECOND` (domain/delivery/replay-rate.ts). */
  readonly ratePerSecond: number;
  /** Only deliveries that ended before this time are replayed, so that a task replays none twice. Milliseconds since 1970. */
  readonly requestedAtMs: number;
  readonly replay: ReplayRequest;
  /** The position and report of the previous run. */
  readonly continueFrom?: { after?: string | undefined; report: ReplayReport };
}

/** Progress of a task: the result of the workflow and of its `report` query. */
export interface ReplayReport {
  state: ReplayTaskState;
  readonly filter: ReplayFilter;
  ratePerSecond: number;
  readonly requestedAtMs: number;
  /** Replays started by this task. */
  started: number;
  /** Deliveries that were being replayed already. */
  already: number;
  /** Every delivery of the range before this time has been examined; null before the first page. */
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
  /** Cursor of the next page; absent after the last one. */
  readonly after?: string;
}

/** Input of `endDeliveries` and of its activity `endPage`. */
export interface CancelForDeletedWebhookInput {
  readonly accountId: string;
  readonly webhookId: string;
  readonly after?: string;
}

export interface CancelForDeletedWebhookPage {
  /** Cursor of the next page; absent after the last one. */
  readonly after?: string;
}
