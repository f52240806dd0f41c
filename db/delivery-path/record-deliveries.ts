import type { RecordedDelivery } from './to-recorded-delivery.js';
import { firstDeliveryIdAt } from '../../domain/delivery/delivery-id.js';
import { type RecordedRow, toRecordedDelivery } from './to-recorded-delivery.js';
import { type AccountLock, type Database, runWithAccountLocks } from '../client.js';
import { SHOULD_NOTE_FAILURE_SQL, SHOULD_NOTE_SUCCESS_SQL } from './note-endpoints.js';
import { DAY_MS } from '../../domain/delivery/durations.js';

/** What makes a message's rows its own: a repeat of the event in another message has another time. */
export interface MessageKey {
  readonly accountId: string;
  readonly workflowId: string;
  /** JetStream timestamp in milliseconds since 1970: the time bits of the delivery ids. */
  readonly receivedAtMs: number;
}

export interface MessageToRecord extends MessageKey {
  /** The message as it came in; PostgreSQL takes each `data` out of it, so that no number loses digits in JavaScript. */
  readonly raw: string;
  /** `position` in a batch message, `null` for a single event. */
  readonly events: { eventId: string; eventType: string; timestamp: string; position: number | null }[];
}

/**
 * UUIDv7 (RFC 9562 §5.7) of event and endpoint; see domain/delivery/delivery-id.ts. `h` is the SHA-256 in hex.
 */
const DELIVERY_ID = `(m.time_bits || '7' || substr(h, 14, 3)
  || to_hex(8 | (('x' || substr(h, 17, 1))::bit(4)::int & 3)) || substr(h, 18, 15))::uuid`;

/**
 * How far apart two messages may be whose event id is known again, whatever they repeat it in. Others meet the workflow id.
 * Both bounds stand in the statement, so that it reads the partitions of these days and no others.
 */
const DUPLICATE_WINDOW_MS = 3 * DAY_MS;

/** `matched` leaves the documents where they are: every row would carry its whole message through the sort. */
const RECORD = {
  name: 'record_deliveries',
  text: `
    WITH events AS (
      SELECT * FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::int[])
        AS e (message, event_id, event_type, "timestamp", position)
    ), messages AS MATERIALIZED (
      SELECT account_id, workflow_id, time_bits, known_since, known_until, raw::jsonb AS document, message::int,
             EXISTS (
               SELECT FROM hook.delivery_attempts own
               WHERE own.delivery_id >= (time_bits || repeat('0', 20))::uuid AND own.delivery_id <= (time_bits || repeat('f', 20))::uuid
                 AND own.account_id = m.account_id AND own.workflow_id = m.workflow_id) AS recorded
      FROM unnest($6::uuid[], $7::text[], $8::bigint[], $9::uuid[], $10::uuid[], $11::text[]) WITH ORDINALITY
        AS m (account_id, workflow_id, received_at_ms, known_since, known_until, raw, message)
      CROSS JOIN LATERAL lpad(to_hex(m.received_at_ms), 12, '0') AS time_bits
    ), matched AS (
      SELECT e.event_id, e.event_type, e."timestamp", e.position, m.account_id, m.workflow_id, m.known_since,
             m.known_until, m.message, m.recorded,
             w.id AS webhook_id, w.url, w.secret_enc, w.secret_version, w.status = 'enabled' AS enabled,
             CASE WHEN w.secret_prev_expires_at > now() THEN w.secret_prev_enc END AS secret_prev_enc,
             coalesce(w.slow_until > now(), false) AS slow, w.rate_limit, w.revision, ${SHOULD_NOTE_SUCCESS_SQL} AS success_due,
             ${SHOULD_NOTE_FAILURE_SQL} AS failure_due, ${DELIVERY_ID} AS delivery_id,
             row_number() OVER (PARTITION BY m.account_id, e.event_id, w.id ORDER BY m.time_bits, m.message) = 1 AS foremost
      FROM events e
      JOIN messages m USING (message)
      JOIN hook.webhook_configs w ON w.account_id = m.account_id AND w.deleted_at IS NULL
      CROSS JOIN LATERAL encode(sha256(convert_to(m.account_id || ':' || e.event_id || ':' || w.id, 'UTF8')), 'hex') AS h
      WHERE w.event_types IS NULL OR e.event_type = ANY (w.event_types)
         OR EXISTS (SELECT FROM unnest(w.event_types) AS p WHERE p LIKE '%.*' AND starts_with(e.event_type, left(p, -1)))
    ), inserted AS (
      INSERT INTO hook.delivery_attempts (delivery_id, attempt_number, webhook_id, account_id, event_id, event_type, cycle,
        trigger, status, outcome, outcome_reason, next_attempt_at, finished_at, payload_snapshot, workflow_id)
      SELECT delivery_id, 1, webhook_id, m.account_id, event_id, event_type, 0, 'dispatch',
        CASE WHEN enabled THEN 'pending' ELSE 'skipped' END,
        CASE WHEN NOT enabled THEN 'skipped_disabled' END,
        CASE WHEN NOT enabled THEN 'endpoint_disabled' END,
        CASE WHEN enabled THEN now() END,
        CASE WHEN NOT enabled THEN now() END,
        jsonb_build_object('id', event_id, 'type', event_type, 'timestamp', "timestamp",
          'data', CASE WHEN position IS NULL THEN document -> 'data' ELSE document -> position -> 'data' END),
        m.workflow_id
      FROM matched m JOIN messages USING (message)
      WHERE foremost AND NOT m.recorded AND NOT EXISTS (
        SELECT FROM (
          SELECT webhook_id, delivery_id FROM hook.delivery_attempts a
          WHERE a.account_id = m.account_id AND a.event_id >= m.event_id AND a.event_id <= m.event_id AND a.is_latest
            AND a.delivery_id >= m.known_since AND a.delivery_id < m.known_until
          ORDER BY a.event_id OFFSET 0) known
        WHERE known.webhook_id = m.webhook_id AND known.delivery_id <> m.delivery_id)
      ON CONFLICT (delivery_id, attempt_number) DO NOTHING
      RETURNING delivery_id, status, payload_snapshot::text AS body
    )
    SELECT m.delivery_id, m.account_id, m.webhook_id, m.event_id, m.event_type, m.workflow_id, i.body, i.status,
           m.url, m.secret_enc, m.secret_prev_enc, m.secret_version, m.slow, m.rate_limit, m.revision,
           m.success_due, m.failure_due
    FROM matched m LEFT JOIN inserted i ON i.delivery_id = m.delivery_id AND m.foremost`,
};

/**
 * Writes the first attempt's row of every event for every matching endpoint, in one statement. Recording again is
 * harmless: a message that has rows gets no more, since its workflow would never hear of an endpoint that came in between;
 * and an event id that the account's endpoint already has a delivery of is not recorded. Of
 * messages that bring the same event at once, the first in the stream has it and the others know it.
 * @throws DatabaseError; `refused_value` means that one of the events cannot be stored and nothing was.
 */
export async function recordDeliveries(
  db: Database,
  messages: readonly MessageToRecord[],
): Promise<RecordedDelivery[]> {
  const query = { ...RECORD, values: recordValues(messages) };
  const { rows } = await runWithAccountLocks<RecordedRow>(db, messages.map(lockOf), query);
  return rows.map(toRecordedDelivery);
}

/**
 * Two statements at once do not see each other's rows. A single event that both bring is told by its workflow id; one that
 * a batch brings as well is not, so a batch waits for its account's other messages, and they for it.
 */
const lockOf = ({ accountId, events }: MessageToRecord): AccountLock => {
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
