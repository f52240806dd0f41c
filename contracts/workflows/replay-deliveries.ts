import type { DeliveryOutcome, ReplayRequest } from './deliver-webhook.js';

/** What can be sent again in bulk. Delivered and waiting deliveries never are. */
export type ReplayableOutcome = Exclude<DeliveryOutcome, 'delivered'>;

/** Which deliveries of an account. */
export interface ReplayFilter {
  webhookId?: string | undefined;
  /** A type, or `order.*` for all below it. */
  eventType?: string | undefined;
  /** Not empty. */
  statuses: ReplayableOutcome[];
  /** When the event came in, in milliseconds since 1970; the end is not included. */
  fromMs: number;
  toMs: number;
}

/** Input of `replayDeliveries`. */
export interface ReplayTaskInput {
  accountId: string;
  filter: ReplayFilter;
  /** Replays begun a second, 1 to 100. */
  ratePerSecond: number;
  /** Only deliveries that ended before are sent again: none twice by one task. Milliseconds since 1970. */
  requestedAtMs: number;
  replay: ReplayRequest;
  /** Where the run before this one stopped. */
  continueFrom?: { after?: string | undefined; report: ReplayReport };
}

export type ReplayTaskState = 'running' | 'paused' | 'completed' | 'canceled';

/** How far a task has come; what the `report` query answers, and its result. */
export interface ReplayReport {
  state: ReplayTaskState;
  filter: ReplayFilter;
  ratePerSecond: number;
  requestedAtMs: number;
  /** Replays begun by this task. */
  started: number;
  /** Deliveries that somebody else was already replaying. */
  already: number;
  /** Up to which time in the filter's range everything is looked at; null before the first page. */
  positionMs: number | null;
}

/** Input of `replayPage`. */
export interface ReplayPageRequest {
  accountId: string;
  filter: ReplayFilter;
  endedBeforeMs: number;
  replay: ReplayRequest;
  limit: number;
  after?: string;
}

export interface ReplayPage {
  started: number;
  already: number;
  /** Where the next page begins; absent after the last one. */
  after?: string;
}

/** Input of `endDeliveries` and of its activity `endPage`. */
export interface CancelForDeletedWebhookInput {
  accountId: string;
  webhookId: string;
  after?: string;
}

export interface CancelForDeletedWebhookPage {
  /** Where the next page begins; absent after the last one. */
  after?: string;
}
