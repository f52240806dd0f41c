import type {
  AttemptErrorCode,
  AttemptTrigger,
  DeliveryOutcome,
  FinishedAttemptStatus,
  OutcomeReason,
} from '../../domain/delivery/statuses.js';
import { type Database, runPipelined, type PreparedStatement } from '../client.js';
import { type EndpointNote, createEndpointNoteStatements } from './note-endpoints.js';

/** A settled attempt, as its row will tell it. */
export interface FinishedAttemptRow {
  readonly deliveryId: string;
  readonly attempt: number;
  readonly accountId: string;
  readonly webhookId: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly workflowId: string;
  readonly cycle: number;
  readonly trigger: AttemptTrigger;
  readonly status: FinishedAttemptStatus;
  readonly outcome: DeliveryOutcome | null;
  readonly outcomeReason: OutcomeReason | null;
  readonly responseStatus: number | null;
  readonly errorCode: AttemptErrorCode | null;
  readonly preview: string | null;
  readonly durationMs: number | null;
  readonly startedAt: Date | null;
  readonly finishedAt: Date;
  readonly nextAttemptAt: Date | null;
  readonly secretVersion: number | null;
  readonly requestedBy: string | null;
  readonly requestReason: string | null;
  /** What the attempt says about its endpoint. */
  readonly endpoint: EndpointNote | null;
}

/** The order of a row's values in the statement below, with their types. */
const COLUMNS: readonly [keyof FinishedAttemptRow, string, string][] = [
  ['deliveryId', 'delivery_id', 'uuid'],
  ['attempt', 'attempt_number', 'int'],
  ['accountId', 'account_id', 'uuid'],
  ['webhookId', 'webhook_id', 'uuid'],
  ['eventId', 'event_id', 'text'],
  ['eventType', 'event_type', 'text'],
  ['workflowId', 'workflow_id', 'text'],
  ['cycle', 'cycle', 'int'],
  ['trigger', 'trigger', 'text'],
  ['status', 'status', 'text'],
  ['outcome', 'outcome', 'text'],
  ['outcomeReason', 'outcome_reason', 'text'],
  ['responseStatus', 'response_status', 'int'],
  ['errorCode', 'error_code', 'text'],
  ['preview', 'response_body_preview', 'text'],
  ['durationMs', 'duration_ms', 'int'],
  ['startedAt', 'started_at', 'timestamptz'],
  ['finishedAt', 'finished_at', 'timestamptz'],
  ['nextAttemptAt', 'next_attempt_at', 'timestamptz'],
  ['secretVersion', 'secret_version', 'int'],
  ['requestedBy', 'requested_by', 'text'],
  ['requestReason', 'request_reason', 'text'],
];

const names = COLUMNS.map(([, name]) => name).join(', ');
const settled = `settled (${names}) AS (SELECT * FROM unnest(${COLUMNS.map(([, , type], i) => `$${String(i + 1)}::${type}[]`).join(', ')}))`;
/** What settling changes on a row that the bridge wrote; the rest is the same by construction. */
const changes = COLUMNS.map(([, name]) => name).filter(
  (name) => !/^(delivery|attempt|account|webhook|event|cycle)/.test(name),
);

/** First attempts have their row since the bridge recorded them. A row that is settled already is left as it is. */
const FINISH_FIRST_ATTEMPTS = {
  name: 'settle_first_attempts',
  text: `WITH ${settled}
    UPDATE hook.delivery_attempts a SET ${changes.map((name) => `${name} = s.${name}`).join(', ')}
    FROM settled s
    WHERE a.delivery_id = s.delivery_id AND a.attempt_number = 1 AND a.account_id = s.account_id AND a.status = 'pending'`,
};

/** Later attempts get theirs when they are settled; the row before stops being the delivery's latest. */
const INSERT_LATER_ATTEMPTS = {
  name: 'settle_later_attempts',
  text: `WITH ${settled}, superseded AS (
      UPDATE hook.delivery_attempts a SET is_latest = false, next_attempt_at = NULL
      FROM settled s
      WHERE a.delivery_id = s.delivery_id AND a.account_id = s.account_id AND a.attempt_number < s.attempt_number AND a.is_latest)
    INSERT INTO hook.delivery_attempts (${names})
    SELECT ${names} FROM settled
    ON CONFLICT (delivery_id, attempt_number) DO NOTHING`,
};

/**
 * Writes the outcomes of attempts, of several accounts at once, in one transaction. Writing the same outcome again
 * changes nothing, so a caller that does not know whether it was heard repeats it.
 * @throws DatabaseError
 */
export async function persistAttempts(db: Database, rows: readonly FinishedAttemptRow[]): Promise<void> {
  // One order for everybody: two batches with the same rows then wait for each other instead of deadlocking.
  const ordered = [...rows].sort((a, b) => (a.deliveryId < b.deliveryId ? -1 : 1));
  const accounts = ordered.map((row) => row.accountId);
  const first = ordered.filter((row) => row.attempt === 1);
  const later = ordered.filter((row) => row.attempt > 1);
  const noted = ordered.flatMap(({ webhookId, accountId, endpoint }) =>
    endpoint === null ? [] : [{ webhookId, accountId, endpoint }],
  );
  await runPipelined(db, accounts, [
    ...settling(FINISH_FIRST_ATTEMPTS, first),
    ...settling(INSERT_LATER_ATTEMPTS, later),
    ...createEndpointNoteStatements(noted),
  ]);
}

const settling = (
  statement: { name: string; text: string },
  rows: readonly FinishedAttemptRow[],
): PreparedStatement[] =>
  rows.length === 0 ? [] : [{ ...statement, values: COLUMNS.map(([key]) => rows.map((row) => row[key])) }];
