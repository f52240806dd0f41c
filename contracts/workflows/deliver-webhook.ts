import type { AttemptOutcome } from '../../domain/delivery/outcome.js';
import type {
  AttemptErrorCode,
  AttemptTrigger,
  CancelReason,
  DeliveryOutcome,
  GiveUpReason,
  RunningDeliveryStatus,
} from '../../domain/delivery/statuses.js';

export interface EndpointDeliveries {
  readonly webhookId: string;
  /** Never empty. The first is the endpoint's jitter key. */
  readonly deliveryIds: string[];
}

/** The author and the reason of a replay; shown with the attempts and in the Temporal UI. */
export interface ReplayRequest {
  readonly requestedBy: string;
  readonly reason: string;
}

/** Input of `deliverWebhook`. References only: it must never hold a payload, a URL or a secret. */
export interface DeliverWebhookInput {
  readonly accountId: string;
  readonly endpoints: EndpointDeliveries[];
  /** Delay in milliseconds before each attempt of this cycle, index 0 the first. Never empty. */
  readonly schedule: number[];
  /** 0 for a dispatched message, then one more for each replay. */
  readonly cycle: number;
  /** Attempts made in earlier cycles; attempt numbers continue from there. */
  readonly attemptsBefore: number;
  readonly replay?: ReplayRequest;
}

/** Input of `testWebhook`. References only; the delivery's row exists already. */
export interface TestWebhookInput {
  readonly accountId: string;
  readonly webhookId: string;
  readonly deliveryId: string;
}

/** One attempt of one delivery, as the workflow requests it of an activity. */
export interface AttemptRequest {
  readonly deliveryId: string;
  readonly webhookId: string;
  /** Counts over all cycles, from 1. */
  readonly attempt: number;
  readonly jitterKey: string;
  /** Reserved time of a deferred attempt, in milliseconds since 1970. */
  readonly sendAtMs?: number;
}

/** Input of `attemptFirst` and `attemptAgain`. */
export interface AttemptBatch {
  readonly accountId: string;
  /** Of the requesting workflow. Rows hold it, so that readers can open the workflow and `retryNow` reaches it. */
  readonly workflowId: string;
  readonly cycle: number;
  readonly trigger: AttemptTrigger;
  readonly schedule: number[];
  readonly attemptsBefore: number;
  readonly deliveries: AttemptRequest[];
  readonly replay?: ReplayRequest;
}

/**
 * Facts of an attempt, without the receiver's response. They travel through history only when PostgreSQL could
 * not be reached after the POST (`recordAttempts`), so they are codes and times only.
 */
export interface AttemptFacts {
  readonly deliveryId: string;
  readonly attempt: number;
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly secretVersion: number;
  /** Revision of the endpoint that the attempt read. Older histories lack it. */
  readonly revision?: number;
}

export interface AttemptResult {
  readonly deliveryId: string;
  readonly outcome: AttemptOutcome;
  readonly unrecorded?: AttemptFacts;
}

/** Input of `recordAttempts`: outcomes that have no row yet. */
export interface UnrecordedAttempts extends Omit<AttemptBatch, 'deliveries'> {
  readonly attempts: { request: AttemptRequest; outcome: AttemptOutcome; facts: AttemptFacts }[];
}

/** Input of `publishDeadLetter`. */
export interface DeadLetterRequest {
  readonly accountId: string;
  readonly cycle: number;
  readonly deliveryIds: string[];
  readonly reason: GiveUpReason;
}

/** Input of `cancelDeliveries`. */
export interface CancelRequest {
  readonly accountId: string;
  /** Of the requesting workflow. It must not end deliveries of a later cycle. */
  readonly cycle: number;
  readonly deliveryIds: string[];
  readonly reason: CancelReason;
}

/** Status of one delivery of a running workflow; the `state` query returns it. */
export interface DeliveryState {
  readonly deliveryId: string;
  readonly webhookId: string;
  readonly attempt: number;
  /** `waiting` for its next attempt, `attempting`, or its outcome. */
  readonly status: RunningDeliveryStatus;
  readonly lastErrorCode?: AttemptErrorCode;
  readonly lastResponseStatus?: number;
  readonly nextAttemptAt?: string;
}

/** Result of a `deliverWebhook` that did not fail. */
export type DeliverySummary = Record<DeliveryOutcome, number>;
