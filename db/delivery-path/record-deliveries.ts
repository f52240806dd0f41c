import { DAY_MS } from '../../domain/delivery/durations.js';
import { firstDeliveryIdAt } from '../../domain/delivery/delivery-id.js';
import { type AccountLock, type Database, runWithAccountLocks } from '../client.js';
import { SHOULD_NOTE_FAILURE_SQL, SHOULD_NOTE_SUCCESS_SQL } from './note-endpoints.js';
import { type RecordedDelivery, type RecordedRow, toRecordedDelivery } from './to-recorded-delivery.js';

/** Identifies the rows that one message recorded: the same event in another message has another time. */
export interface MessageKey {
  readonly accountId: string;
  readonly workflowId: string;
  /** JetStream timestamp in milliseconds since 1970: the time bits of the delivery ids. */
  readonly receivedAtMs: number;
}

export interface MessageToRecord extends MessageKey {
  /** The message as received. PostgreSQL takes each `data` out of it, so that no number loses digits in JavaScript. */
  readonly raw: string;
  /** `position` is the index in a batch message, `null` for a single event. */
  readonly events: { eventId: string; eventType: string; timestamp: string; position: number | null }[];
}

/**
 * An event id is a duplicate if the endpoint has a delivery of it from a message at most this far apart, in either direction.
 * A message that is repeated as a whole has the same workflow id, which is recognized without a limit of time. Both bounds
 * are values of the statement, so that it reads the partitions of these days only.
 */
const DUPLICATE_WINDOW_MS = 3 * DAY_MS;

/** One row an event. `message` is the number of its message, from 1. */
const EVENTS = `
      SELECT * FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::int[])
        AS e (message, event_id, event_type, "timestamp", position)`;

/** True if this message has recorded rows before: they lie in the id range of its millisecond and bear its workflow id. */
const WAS_RECORDED = `EXISTS (
               SELECT FROM hook.delivery_attempts a
               WHERE a.delivery_id >= (time_bits || repeat('0', 20))::uuid AND a.delivery_id <= (time_bits || repeat('f', 20))::uuid
                 AND a.account_id = m.account_id AND a.workflow_id = m.workflow_id)`;

/** One row a message, with the parsed document. Materialized so that each document is parsed once. */
const MESSAGES = `
      SELECT account_id, workflow_id, time_bits, duplicates_since, duplicates_until, raw::jsonb AS document, message::int,
             ${WAS_RECORDED} AS was_recorded
      FROM unnest($6::uuid[], $7::text[], $8::bigint[], $9::uuid[], $10::uuid[], $11::text[]) WITH ORDINALITY
        AS m (account_id, workflow_id, received_at_ms, duplicates_since, duplicates_until, raw, message)
      CROSS JOIN LATERAL lpad(to_hex(m.received_at_ms), 12, '0') AS time_bits`;

/** The SHA-256 in hex that a delivery id is made of: the same event at the same endpoint has the same one. */
const EVENT_AND_ENDPOINT_HASH = `encode(sha256(convert_to(m.account_id || ':' || e.event_id || ':' || w.id, 'UTF8')), 'hex')`;

/** UUIDv7 (RFC 9562 §5.7) of the message's time and that hash `h`; see domain/delivery/delivery-id.ts. */
const DELIVERY_ID = `(m.time_bits || '7' || substr(h, 14, 3)
  || to_hex(8 | (('x' || substr(h, 17, 1))::bit(4)::int & 3)) || substr(h, 18, 15))::uuid`;

/** The endpoint wants the event: it wants all types, this type, or all types below a prefix (`order.*`). */
const WANTS_EVENT = `w.event_types IS NULL OR e.event_type = ANY (w.event_types)
         OR EXISTS (SELECT FROM unnest(w.event_types) AS p WHERE p LIKE '%.*' AND starts_with(e.event_type, left(p, -1)))`;

/**
 * One row for each event and each live endpoint that wants it, with what the first attempt needs. Documents are left out:
 * otherwise every row would carry its whole message through the sort of the window function.
 */
const MATCHED = `
      SELECT e.event_id, e.event_type, e."timestamp", e.position, m.account_id, m.workflow_id, m.duplicates_since,
             m.duplicates_until, m.message, m.was_recorded,
             w.id AS webhook_id, w.url, w.secret_enc, w.secret_version, w.status = 'enabled' AS enabled,
             CASE WHEN w.secret_prev_expires_at > now() THEN w.secret_prev_enc END AS secret_prev_enc,
             coalesce(w.slow_until > now(), false) AS slow, w.rate_limit, w.revision, ${SHOULD_NOTE_SUCCESS_SQL} AS success_due,
             ${SHOULD_NOTE_FAILURE_SQL} AS failure_due, ${DELIVERY_ID} AS delivery_id,
             row_number() OVER (PARTITION BY m.account_id, e.event_id, w.id ORDER BY m.time_bits, m.message) = 1 AS is_first_in_stream
      FROM events e
      JOIN messages m USING (message)
      JOIN hook.webhook_configs w ON w.account_id = m.account_id AND w.deleted_at IS NULL
      CROSS JOIN LATERAL ${EVENT_AND_ENDPOINT_HASH} AS h
      WHERE ${WANTS_EVENT}`;

/** The body of a delivery, with the event's `data` exactly as the message holds it. */
const BODY = `jsonb_build_object('id', event_id, 'type', event_type, 'timestamp', "timestamp",
          'data', CASE WHEN position IS NULL THEN document -> 'data' ELSE document -> position -> 'data' END)`;

/**
 * True if another message brought the event to this endpoint within `DUPLICATE_WINDOW_MS`. The range on `event_id` and
 * the ordered subquery force the index by event: in a week without statistics the planner would read all deliveries of the
 * endpoint.
 */
const IS_DUPLICATE = `EXISTS (
        SELECT FROM (
          SELECT webhook_id, delivery_id FROM hook.delivery_attempts a
          WHERE a.account_id = m.account_id AND a.event_id >= m.event_id AND a.event_id <= m.event_id AND a.is_latest
            AND a.delivery_id >= m.duplicates_since AND a.delivery_id < m.duplicates_until
          ORDER BY a.event_id OFFSET 0) earlier
        WHERE earlier.webhook_id = m.webhook_id AND earlier.delivery_id <> m.delivery_id)`;

/** Inserts the first attempts: pending where the endpoint is enabled, skipped with their outcome where it is disabled. */
const INSERTED = `
      INSERT INTO hook.delivery_attempts (delivery_id, attempt_number, webhook_id, account_id, event_id, event_type, cycle,
        trigger, status, outcome, outcome_reason, next_attempt_at, finished_at, payload_snapshot, workflow_id)
      SELECT delivery_id, 1, webhook_id, m.account_id, event_id, event_type, 0, 'dispatch',
        CASE WHEN enabled THEN 'pending' ELSE 'skipped' END,
        CASE WHEN NOT enabled THEN 'skipped_disabled' END,
        CASE WHEN NOT enabled THEN 'endpoint_disabled' END,
        CASE WHEN enabled THEN now() END,
        CASE WHEN NOT enabled THEN now() END,
        ${BODY},
        m.workflow_id
      FROM matched m JOIN messages USING (message)
      WHERE is_first_in_stream AND NOT m.was_recorded AND NOT ${IS_DUPLICATE}
      ON CONFLICT (delivery_id, attempt_number) DO NOTHING
      RETURNING delivery_id, status, payload_snapshot::text AS body`;

/** Answers one row for each row of `matched`; `body` and `status` are null where nothing was inserted. */
const RECORD = {
  name: 'record_deliveries',
  text: `
    WITH events AS (${EVENTS}
    ), messages AS MATERIALIZED (${MESSAGES}
    ), matched AS (${MATCHED}
    ), inserted AS (${INSERTED}
    )
    SELECT m.delivery_id, m.account_id, m.webhook_id, m.event_id, m.event_type, m.workflow_id, i.body, i.status,
           m.url, m.secret_enc, m.secret_prev_enc, m.secret_version, m.slow, m.rate_limit, m.revision,
           m.success_due, m.failure_due
    FROM matched m LEFT JOIN inserted i ON i.delivery_id = m.delivery_id AND m.is_first_in_stream`,
};

/**
 * Writes the row of the first attempt for every event and every matching endpoint, in one statement. It may be repeated:
 * - A message that has rows gets no more. Its workflow may run already and would not attempt a delivery added for an endpoint
 *   that was registered meanwhile.
 * - An event id of which the endpoint has a delivery already is a duplicate and is not recorded.
 * - Of several messages with the same event in one call, the first in the stream records it; in the others it is a duplicate.
 * @throws DatabaseError; `refused_value` means that one of the events cannot be stored and that nothing was stored.
 */
export async function recordDeliveries(
  db: Database,
  messages: readonly MessageToRecord[],
): Promise<RecordedDelivery[]> {
  const query = { ...RECORD, values: recordValues(messages) };
  const { rows } = await runWithAccountLocks<RecordedRow>(db, messages.map(toAccountLock), query);
  return rows.map(toRecordedDelivery);
}

/**
 * Two concurrent statements do not see each other's rows. Two messages with the same single event have the same workflow id,
 * so the second is found to be a duplicate when its workflow is started. A batch that contains the event has another workflow
 * id. A batch therefore locks out all other messages of its account; single events lock out batches only.
 */
const toAccountLock = ({ accountId, events }: MessageToRecord): AccountLock => {
  return { accountId, isExclusive: events.some(({ position }) => position !== null) };
};

function recordValues(messages: readonly MessageToRecord[]): unknown[][] {
  const events = messages.flatMap((message, index) =>
    message.events.map((event) => ({ ...event, message: index + 1 })),
  );
  return [
    events.map((e) => e.message),
    events.map((e) => e.eventId),
    events.map((e) => e.eventType),
    events.map((e) => e.timestamp),
    events.map((e) => e.position),
    messages.map((m) => m.accountId),
    messages.map((m) => m.workflowId),
    messages.map((m) => m.receivedAtMs),
    messages.map((m) => firstDeliveryIdAt(Math.max(0, m.receivedAtMs - DUPLICATE_WINDOW_MS))),
    messages.map((m) => firstDeliveryIdAt(m.receivedAtMs + DUPLICATE_WINDOW_MS)),
    messages.map((m) => m.raw),
  ];
}
