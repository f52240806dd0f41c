import type { AttemptErrorCode, AttemptOutcome, GiveUpReason } from '../../domain/delivery/outcome.js';

/** What made an attempt happen. */
export type AttemptTrigger = 'dispatch' | 'retry' | 'manual' | 'replay' | 'test';

/** How an attempt row stands. `pending`: not settled yet; `skipped`, `canceled`: settled without a POST. */
export type AttemptStatus = 'pending' | 'succeeded' | 'failed' | 'skipped' | 'canceled';

/** How a delivery ended; set on its last row, absent while it waits. */
export type DeliveryOutcome = 'delivered' | 'dead_lettered' | 'canceled' | 'skipped_disabled';

/** Why it ended that way, where `outcome` alone does not say. */
export type OutcomeReason =
  | GiveUpReason
  | 'endpoint_disabled'
  | 'canceled_on_request'
  | 'workflow_canceled'
  | 'start_refused'
  /** A test is made once: it failed, or nothing was recorded of it. */
  | 'test_failed'
  | 'test_unfinished';

export interface EndpointDeliveries {
  webhookId: string;
  /** Never empty. The first is the endpoint's jitter key. */
  deliveryIds: string[];
}

/** Who asked for a replay, and why; shown with the attempts and in the Temporal UI. */
export interface ReplayRequest {
  requestedBy: string;
  reason: string;
}

/** Input of `deliverWebhook`. References only: no payload, no URL, no secret may ever stand here. */
export interface DeliverWebhookInput {
  accountId: string;
  endpoints: EndpointDeliveries[];
  /** Delay in milliseconds before each attempt of this cycle, index 0 the first. Never empty. */
  schedule: number[];
  /** 0 for a dispatched message, then one more for each replay. */
  cycle: number;
  /** Attempts made in earlier cycles; attempt numbers continue from there. */
  attemptsBefore: number;
  replay?: ReplayRequest;
}

/** Input of `testWebhook`. References only; the row is there already. */
export interface TestWebhookInput {
  accountId: string;
  webhookId: string;
  deliveryId: string;
}

/** One attempt of one delivery, as an activity is asked to make it. */
export interface AttemptRequest {
  deliveryId: string;
  webhookId: string;
  /** Counts over all cycles, from 1. */
  attempt: number;
  jitterKey: string;
  /** Reserved before, when this attempt was deferred; milliseconds since 1970. */
  sendAtMs?: number;
}

/** Input of `attemptFirst` and `attemptAgain`. */
export interface AttemptBatch {
  accountId: string;
  /** Of the workflow that asks: it is what a row's reader opens, and where `retryNow` is heard. */
  workflowId: string;
  cycle: number;
  trigger: AttemptTrigger;
  schedule: number[];
  attemptsBefore: number;
  deliveries: AttemptRequest[];
  replay?: ReplayRequest;
}

/**
 * What happened in an attempt, without what the receiver said. It travels through history only when PostgreSQL could
 * not be reached after the POST (`recordAttempts`), so it holds codes and times and nothing else.
 */
export interface AttemptFacts {
  deliveryId: string;
  attempt: number;
  startedAtMs: number;
  durationMs: number;
  secretVersion: number;
  /** Of the endpoint, as the attempt met it. Absent in histories from before it was told. */
  revision?: number;
}

export type AttemptResult = { deliveryId: string; outcome: AttemptOutcome; unrecorded?: AttemptFacts };

/** Input of `recordAttempts`: outcomes whose row is still missing. */
export interface UnrecordedAttempts extends Omit<AttemptBatch, 'deliveries'> {
  attempts: { request: AttemptRequest; outcome: AttemptOutcome; facts: AttemptFacts }[];
}

/** Input of `publishDeadLetter`. */
export interface DeadLetterRequest {
  accountId: string;
  cycle: number;
  deliveryIds: string[];
  reason: GiveUpReason;
}

/** Input of `cancelDeliveries`. */
export interface CancelRequest {
  accountId: string;
  /** Of the workflow that asks: what a later cycle works on is not its to end. */
  cycle: number;
  deliveryIds: string[];
  reason: Extract<OutcomeReason, 'canceled_on_request' | 'workflow_canceled' | 'test_unfinished'>;
}

/** How one delivery of a running workflow stands; what the `state` query answers. */
export interface DeliveryState {
  deliveryId: string;
  webhookId: string;
  attempt: number;
  /** `waiting` for its next attempt, `attempting`, or settled. */
  status: 'attempting' | 'waiting' | DeliveryOutcome;
  lastErrorCode?: AttemptErrorCode;
  lastResponseStatus?: number;
  nextAttemptAt?: string;
}

/** Result of a `deliverWebhook` that did not fail. */
export type DeliverySummary = Record<DeliveryOutcome, number>;
