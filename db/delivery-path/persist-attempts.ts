import type {
  AttemptErrorCode,
  AttemptTrigger,
  DeliveryOutcome,
  FinishedAttemptStatus,
  OutcomeReason,
} from '../../domain/delivery/statuses.js';
import { type Database, runPipelined, type PreparedStatement } from '../client.js';
import { type EndpointNote, createEndpointNoteStatements } from './note-endpoints.js';

/** The row of an attempt that has finished. */
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
  /** What the attempt shows about its endpoint; null: nothing. */
  readonly endpoint: EndpointNote | null;
}

/** Field, column and SQL type, in the order of the parameters of the statements below. */
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

const columnNames = COLUMNS.map(([, name]) => name).join(', ');
const finishedRows = `finished (${columnNames}) AS (SELECT * FROM unnest(${COLUMNS.map(([, , type], i) => `$${String(i + 1)}::${type}[]`).join(', ')}))`;
/** The columns that change when a recorded attempt finishes. The others cannot differ from the values that the bridge wrote. */
const changedColumns = COLUMNS.map(([, name]) => name).filter(
  (name) => !/^(delivery|attempt|account|webhook|event|cycle)/.test(name),
);

/** Updates the rows of first attempts, which the bridge inserted. A row that has finished already stays as it is. */
const FINISH_FIRST_ATTEMPTS = {
  name: 'finish_first_attempts',
  text: `WITH ${finishedRows}
    UPDATE hook.delivery_attempts a SET ${changedColumns.map((name) => `${name} = f.${name}`).join(', ')}
    FROM finished f
    WHERE a.delivery_id = f.delivery_id AND a.attempt_number = 1 AND a.account_id = f.account_id AND a.status = 'pending'`,
};

/** Inserts the rows of later attempts when they have finished. The previous row is then no longer the delivery's latest. */
const INSERT_LATER_ATTEMPTS = {
  name: 'insert_later_attempts',
  text: `WITH ${finishedRows}, superseded AS (
      UPDATE hook.delivery_attempts a SET is_latest = false, next_attempt_at = NULL
      FROM finished f
      WHERE a.delivery_id = f.delivery_id AND a.account_id = f.account_id AND a.attempt_number < f.attempt_number AND a.is_latest)
    INSERT INTO hook.delivery_attempts (${columnNames})
    SELECT ${columnNames} FROM finished
    ON CONFLICT (delivery_id, attempt_number) DO NOTHING`,
};

/**
 * Writes finished attempts, of several accounts at once, in one transaction. Writing the same rows again changes nothing, so
 * a caller that got no answer may repeat the call.
 * @throws DatabaseError
 */
export async function persistAttempts(db: Database, rows: readonly FinishedAttemptRow[]): Promise<void> {
  // All batches write in the same order: two with the same rows wait for each other instead of deadlocking.
  const ordered = [...rows].sort((a, b) => (a.deliveryId < b.deliveryId ? -1 : 1));
  const accounts = ordered.map((row) => row.accountId);
  const firstAttempts = ordered.filter((row) => row.attempt === 1);
  const laterAttempts = ordered.filter((row) => row.attempt > 1);
  const notes = ordered.flatMap(({ webhookId, accountId, endpoint }) =>
    endpoint === null ? [] : [{ webhookId, accountId, endpoint }],
  );
  await runPipelined(db, accounts, [
    ...bindRows(FINISH_FIRST_ATTEMPTS, firstAttempts),
    ...bindRows(INSERT_LATER_ATTEMPTS, laterAttempts),
    ...createEndpointNoteStatements(notes),
  ]);
}

/** No statement for no rows. */
const bindRows = (
  statement: { name: string; text: string },
  rows: readonly FinishedAttemptRow[],
): PreparedStatement[] =>
  rows.length === 0 ? [] : [{ ...statement, values: COLUMNS.map(([key]) => rows.map((row) => row[key])) }];
