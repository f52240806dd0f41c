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
import type { AttemptSettings } from './attempt-settings.js';
import type { FirstAttemptDeps, FirstAttempts } from './first-attempts.js';
import { publishDeadLetter, type PublishDeadLetterDeps } from './publish-dead-letter.js';
import { recordAttempts } from './record-attempts.js';
import { redactFailures } from './redact-failures.js';

export interface ActivityDeps extends FirstAttemptDeps {
  readonly firstAttempts: Pick<FirstAttempts, 'makeAttempts'>;
  readonly persistAttempts: (rows: readonly FinishedAttemptRow[]) => Promise<void>;
  readonly readDeliveryRecords: PublishDeadLetterDeps['readDeliveryRecords'];
  readonly publishDeliveryDeadLetter: PublishDeadLetterDeps['publishDeliveryDeadLetter'];
  /** Called when all first attempts of a message have ended or were deferred. */
  readonly firstAttemptsOver: (workflowId: string) => void;
  /** Called with unexpected errors. Temporal gets a constant text instead. */
  readonly report: (error: unknown) => void;
}

/** Plus a 5 s POST, the key service and the row, this stays well inside `attemptAgain`'s start-to-close timeout of 60 s. */
const LATER_ATTEMPT_BUDGET_MS = 30_000;
/** The customer waits for the result of a test. */
const TEST_BUDGET_MS = 3_000;
const HEARTBEAT_MS = 4_000;
/** An attempt that got no permit within its budget waits 10 s, so that other endpoints get the permits. */
const LATER_ATTEMPT_LIMITS = { avoidSlow: false, maxSendWaitMs: 1_500, capacityRetryMs: 10_000 };

/** The activities of the task queue on which workflows run. */
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
    /** Writes the rows of attempts that were made while PostgreSQL was unavailable. */
    recordAttempts: redactFailures((unrecorded: UnrecordedAttempts) => recordAttempts(deps, unrecorded), report),
    /** Publishes dead letters, then writes the outcomes. */
    publishDeadLetter: redactFailures((request: DeadLetterRequest) => publishDeadLetter(deps, request), report),
    /** Cancels waiting deliveries on request, without a dead letter. */
    cancelDeliveries: redactFailures(
      ({ accountId, deliveryIds, cycle, reason }: CancelRequest) =>
        deps.setOutcomes({ accountId, deliveryIds, cycle, outcome: 'canceled', reason }),
      report,
    ),
  };
}

/** The activities of the retry queue: the slow lane. */
export function createRetryActivities(deps: ActivityDeps) {
  const settings = { ...LATER_ATTEMPT_LIMITS, lanes: { lane: deps.slowLane }, stopping: deps.stopping };
  const settingsOf = ({ trigger }: AttemptBatch): AttemptSettings => ({
    ...settings,
    budgetMs: trigger === 'test' ? TEST_BUDGET_MS : LATER_ATTEMPT_BUDGET_MS,
  });
  return {
    /** Later attempts, tests, and first attempts that the fast lane deferred. */
    attemptAgain: redactFailures(async (batch: AttemptBatch): Promise<AttemptResult[]> => {
      const beating = setInterval(() => heartbeat(), HEARTBEAT_MS);
      try {
        return await attemptDeliveries(deps, settingsOf(batch), batch);
      } finally {
        clearInterval(beating);
      }
    }, deps.report),
  };
}

export type Activities = ReturnType<typeof createActivities>;
export type RetryActivities = ReturnType<typeof createRetryActivities>;
