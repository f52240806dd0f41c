import type { AttemptOutcome } from '../../domain/delivery/outcome.js';
import type {
  AttemptErrorCode,
  AttemptTrigger,
  DeliveryOutcome,
  GiveUpReason,
  OutcomeReason,
  RunningDeliveryStatus,
} from '../../domain/delivery/statuses.js';

export interface EndpointDeliveries {
  readonly webhookId: string;
  /** Never empty. The first is the endpoint's jitter key. */
  readonly deliveryIds: string[];
}

/** Who asked for a replay, and why; shown with the attempts and in the Temporal UI. */
export interface ReplayRequest {
  readonly requestedBy: string;
  readonly reason: string;
}

/** Input of `deliverWebhook`. References only: no payload, no URL, no secret may ever stand here. */
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

/** Input of `testWebhook`. References only; the row is there already. */
export interface TestWebhookInput {
  readonly accountId: string;
  readonly webhookId: string;
  readonly deliveryId: string;
}

/** One attempt of one delivery, as an activity is asked to make it. */
export interface AttemptRequest {
  readonly deliveryId: string;
  readonly webhookId: string;
  /** Counts over all cycles, from 1. */
  readonly attempt: number;
  readonly jitterKey: string;
  /** Reserved before, when this attempt was deferred; milliseconds since 1970. */
  readonly sendAtMs?: number;
}

/** Input of `attemptFirst` and `attemptAgain`. */
export interface AttemptBatch {
  readonly accountId: string;
  /** Of the workflow that asks: it is what a row's reader opens, and where `retryNow` is heard. */
  readonly workflowId: string;
  readonly cycle: number;
  readonly trigger: AttemptTrigger;
  readonly schedule: number[];
  readonly attemptsBefore: number;
  readonly deliveries: AttemptRequest[];
  readonly replay?: ReplayRequest;
}

/**
 * What happened in an attempt, without what the receiver said. It travels through history only when PostgreSQL could
 * not be reached after the POST (`recordAttempts`), so it holds codes and times and nothing else.
 */
export interface AttemptFacts {
  readonly deliveryId: string;
  readonly attempt: number;
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly secretVersion: number;
  /** Of the endpoint, as the attempt met it. Absent in histories from before it was told. */
  readonly revision?: number;
}

export interface AttemptResult {
  readonly deliveryId: string;
  readonly outcome: AttemptOutcome;
  readonly unrecorded?: AttemptFacts;
}

/** Input of `recordAttempts`: outcomes whose row is still missing. */
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
  /** Of the workflow that asks: what a later cycle works on is not its to end. */
  readonly cycle: number;
  readonly deliveryIds: string[];
  readonly reason: Extract<OutcomeReason, 'canceled_on_request' | 'workflow_canceled' | 'test_unfinished'>;
}

/** How one delivery of a running workflow stands; what the `state` query answers. */
export interface DeliveryState {
  readonly deliveryId: string;
  readonly webhookId: string;
  readonly attempt: number;
  readonly status: RunningDeliveryStatus;
  readonly lastErrorCode?: AttemptErrorCode;
  readonly lastResponseStatus?: number;
  readonly nextAttemptAt?: string;
}

/** Result of a `deliverWebhook` that did not fail. */
export type DeliverySummary = Record<DeliveryOutcome, number>;
