/**
 * The closed sets of a delivery and its attempts. Each stands here once: types, schemas, SQL, metric labels, options and
 * documents are made of these lists or compared with them by a test.
 */

/** How a delivery ended; stored on its latest row. */
export const DELIVERY_OUTCOMES = ['delivered', 'dead_lettered', 'canceled', 'skipped_disabled'] as const;
export type DeliveryOutcome = (typeof DELIVERY_OUTCOMES)[number];

/** How a delivery stands. `waiting`: it has no outcome yet. */
export const DELIVERY_STATUSES = ['waiting', ...DELIVERY_OUTCOMES] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** Outcomes that can be replayed in bulk: every outcome but `delivered`. */
export type ReplayableOutcome = Exclude<DeliveryOutcome, 'delivered'>;
export const isReplayable = (status: DeliveryStatus): status is ReplayableOutcome =>
  status !== 'waiting' && status !== 'delivered';
export const REPLAYABLE_OUTCOMES: readonly ReplayableOutcome[] = DELIVERY_OUTCOMES.filter(isReplayable);

/** How one delivery of a running workflow stands; `attempting`: its request is under way. */
export type RunningDeliveryStatus = 'attempting' | DeliveryStatus;

/** How an attempt stands. `pending`: not made yet; `skipped`, `canceled`: it ended without a request. */
export const ATTEMPT_STATUSES = ['pending', 'succeeded', 'failed', 'skipped', 'canceled'] as const;
export type AttemptStatus = (typeof ATTEMPT_STATUSES)[number];
export type FinishedAttemptStatus = Exclude<AttemptStatus, 'pending'>;

/** Cause of an attempt. */
export const ATTEMPT_TRIGGERS = ['dispatch', 'retry', 'manual', 'replay', 'test'] as const;
export type AttemptTrigger = (typeof ATTEMPT_TRIGGERS)[number];

/** Why a delivery ends although the infrastructure works. Dead letters carry it. */
export const GIVE_UP_REASONS = [
  'retries_exhausted',
  'endpoint_gone',
  'endpoint_deleted',
  'secret_undecryptable',
] as const;
export type GiveUpReason = (typeof GIVE_UP_REASONS)[number];

/** Why a delivery ended, where its outcome alone does not say. A test is made once: it failed, or no result was recorded. */
export const OUTCOME_REASONS = [
  ...GIVE_UP_REASONS,
  'endpoint_disabled',
  'canceled_on_request',
  'workflow_canceled',
  'start_refused',
  'test_failed',
  'test_unfinished',
] as const;
export type OutcomeReason = (typeof OUTCOME_REASONS)[number];

/** Reasons for which a workflow cancels waiting deliveries. */
export type CancelReason = Extract<OutcomeReason, 'canceled_on_request' | 'workflow_canceled' | 'test_unfinished'>;

/** Why an attempt was not made although it was due. None of these consumes it. */
export const DEFERRAL_REASONS = ['slow', 'capacity', 'infrastructure', 'rate'] as const;
export type DeferralReason = (typeof DEFERRAL_REASONS)[number];

/** Why a connection failed. Closed, so that neither a row nor an answer carries an address. */
export const CONNECTION_ERROR_CODES = [
  'timeout',
  'dns',
  'blocked',
  'refused',
  'reset',
  'unreachable',
  'tls',
  'protocol',
  'network',
] as const;
export type ConnectionErrorCode = (typeof CONNECTION_ERROR_CODES)[number];

/** Why an attempt failed. It is stored, shown to customers and counted. */
export const ATTEMPT_ERROR_CODES = [
  ...CONNECTION_ERROR_CODES,
  'redirect',
  'http_error',
  'gone',
  'secret_undecryptable',
] as const;
export type AttemptErrorCode = (typeof ATTEMPT_ERROR_CODES)[number];

/** The class of the last answer's status. `none`: no attempt was answered. */
export const RESPONSE_CLASSES = ['2xx', '3xx', '4xx', '5xx', 'none'] as const;
export type ResponseClass = (typeof RESPONSE_CLASSES)[number];

/** An object with a value for every member of a closed set. */
export const mapToRecord = <K extends string, V>(keys: readonly K[], valueOf: (key: K) => V): Record<K, V> =>
  Object.fromEntries(keys.map((key) => [key, valueOf(key)])) as Record<K, V>;
