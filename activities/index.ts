import { activityInfo, heartbeat } from '@temporalio/activity';
import type {
  AttemptBatch,
  AttemptResult,
  CancelRequest,
  DeadLetterRequest,
  UnrecordedAttempts,
} from '../contracts/workflows/deliver-webhook.js';
import type { FinishedAttemptRow } from '../db/delivery-path/persist-attempts.js';
import { attemptDeliveries } from './attempt-deliveries.js';
import type { FirstAttemptDeps, FirstAttempts } from './first-attempts.js';
import { publishDeadLetter, type PublishDeadLetterDeps } from './publish-dead-letter.js';
import { recordAttempts } from './record-attempts.js';
import { redactFailures } from './redact-failures.js';
import { skipDisabled } from './skip-disabled.js';

export interface ActivityDeps extends FirstAttemptDeps {
  readonly firstAttempts: Pick<FirstAttempts, 'makeAttempts'>;
  readonly persistAttempts: (rows: readonly FinishedAttemptRow[]) => Promise<void>;
  readonly readDeliveryRecords: PublishDeadLetterDeps['readDeliveryRecords'];
  readonly publishDeliveryDeadLetter: PublishDeadLetterDeps['publishDeliveryDeadLetter'];
  /** Told when all first attempts of a message are over or handed on. */
  readonly firstAttemptsOver: (workflowId: string) => void;
  /** Told of errors that nobody foresaw; Temporal sees a constant text instead. */
  readonly report: (error: unknown) => void;
}

/** With a 5 s POST, KMS and the row behind it, well inside `attemptAgain`'s start-to-close timeout. */
const AGAIN_BUDGET_MS = 30_000;
/** Somebody waits for the answer. */
const TEST_BUDGET_MS = 3_000;
const HEARTBEAT_MS = 4_000;
/** What found no slot in its budget gives the others time before it comes again. */
const AGAIN = { maxSendWaitMs: 1_500, capacityRetryMs: 10_000 };

/** The activities of the task queue where workflows run. */
export function createActivities(deps: ActivityDeps) {
  const { report } = deps;
  return {
    /** The fast lane: all first attempts of a message, as one local activity. */
    attemptFirst: redactFailures(async (batch: AttemptBatch): Promise<AttemptResult[]> => {
      try {
        return await deps.firstAttempts.makeAttempts(batch);
      } finally {
        deps.firstAttemptsOver(activityInfo().workflowExecution?.workflowId ?? '');
      }
    }, report),
    /** Repairs rows of attempts that were made while PostgreSQL was away. */
    recordAttempts: redactFailures((unrecorded: UnrecordedAttempts) => recordAttempts(deps, unrecorded), report),
    /** Publishes dead letters and writes the outcome behind them. */
    publishDeadLetter: redactFailures(
      (request: DeadLetterRequest) =>
        publishDeadLetter(
          {
            readDeliveryRecords: deps.readDeliveryRecords,
            setOutcomes: deps.setOutcomes,
            publishDeliveryDeadLetter: deps.publishDeliveryDeadLetter,
            now: deps.now,
          },
          request,
        ),
      report,
    ),
    /** Ends waiting deliveries without a dead letter, because somebody wanted it. */
    cancelDeliveries: redactFailures(
      ({ accountId, deliveryIds, cycle, reason }: CancelRequest) =>
        deps.setOutcomes({ accountId, deliveryIds, cycle, outcome: 'canceled', reason }),
      report,
    ),
  };
}

/** The activities of the retry queue: the slow lane. */
export function createRetryActivities(deps: ActivityDeps) {
  const attempting = { ...deps, skipDisabled: skipDisabled(deps.setOutcomes) };
  return {
    /** Later attempts, and first ones that the fast lane had to hand on. */
    attemptAgain: redactFailures(async (batch: AttemptBatch): Promise<AttemptResult[]> => {
      const { slowLane: lane, stopping } = deps;
      const budgetMs = batch.trigger === 'test' ? TEST_BUDGET_MS : AGAIN_BUDGET_MS;
      const beating = setInterval(() => heartbeat(), HEARTBEAT_MS);
      try {
        return await attemptDeliveries(
          attempting,
          { lanes: { lane }, avoidSlow: false, budgetMs, ...AGAIN, stopping },
          batch,
        );
      } finally {
        clearInterval(beating);
      }
    }, deps.report),
  };
}

export type Activities = ReturnType<typeof createActivities>;
export type RetryActivities = ReturnType<typeof createRetryActivities>;
