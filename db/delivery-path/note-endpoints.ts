import type { PreparedStatement } from '../client.js';

/** What one attempt shows about its endpoint. */
export interface EndpointNote {
  /** The revision of the endpoint that was attempted: the note is dropped if the endpoint was changed since. */
  readonly revision: number | null;
  /** The endpoint answered 410 and is to be disabled. */
  readonly gone: boolean;
  /** `null`: nothing new. */
  readonly slow: boolean | null;
  /** Whether the attempt succeeded; `null`: nothing new. */
  readonly succeeded: boolean | null;
}

/** An endpoint with the note of one attempt. */
export interface NotedAttempt {
  readonly webhookId: string;
  readonly accountId: string;
  readonly endpoint: EndpointNote;
}

/** How long an endpoint counts as slow unless an attempt shows otherwise. */
const SLOW_FOR = '10 minutes';

/**
 * Conditions in SQL over the endpoint's row `w`: is a success, or a failure, worth an update of the row? They bound the
 * number of updates at any traffic: a healthy endpoint is written once a minute, one that alternates between failure and
 * success once in ten seconds.
 */
export const SHOULD_NOTE_SUCCESS_SQL = `(w.failing_since IS NOT NULL OR coalesce(w.last_success_at < now() - interval '1 minute', true))`;
export const SHOULD_NOTE_FAILURE_SQL = `(w.failing_since IS NULL AND coalesce(w.last_success_at < now() - interval '10 seconds', true))`;

/** Further conditions over the row `w` and its note `n`. A missing value of the note (NULL) never makes one true. */
const SHOULD_DISABLE = `n.gone AND w.status = 'enabled'`;
const SHOULD_NOTE_SPEED = `CASE WHEN n.slow THEN coalesce(w.slow_until < now() + interval '${SLOW_FOR}' / 2, true)
                ELSE NOT n.slow AND w.slow_until IS NOT NULL END`;
const SHOULD_NOTE_RESULT = `CASE WHEN n.succeeded THEN ${SHOULD_NOTE_SUCCESS_SQL} ELSE NOT n.succeeded AND ${SHOULD_NOTE_FAILURE_SQL} END`;

/** Columns that are written when an endpoint is disabled; otherwise they keep their values. */
const DISABLE_ASSIGNMENTS = Object.entries({
  status: `'disabled'`,
  disabled_reason: `'gone'`,
  disabled_at: 'now()',
  updated_at: 'now()',
  revision: 'w.revision + 1',
})
  .map(([column, value]) => `${column} = CASE WHEN ${SHOULD_DISABLE} THEN ${value} ELSE w.${column} END`)
  .join(',\n      ');

const NOTE_ENDPOINTS = {
  name: 'note_endpoints',
  text: `
    UPDATE hook.webhook_configs w SET
      slow_until = CASE n.slow WHEN true THEN now() + interval '${SLOW_FOR}' WHEN false THEN NULL ELSE w.slow_until END,
      last_success_at = CASE WHEN n.succeeded THEN now() ELSE w.last_success_at END,
      failing_since = CASE n.succeeded WHEN true THEN NULL WHEN false THEN coalesce(w.failing_since, now()) ELSE w.failing_since END,
      ${DISABLE_ASSIGNMENTS}
    FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::boolean[], $5::boolean[], $6::boolean[])
      AS n (id, account_id, revision, gone, slow, succeeded)
    WHERE w.id = n.id AND w.account_id = n.account_id AND w.deleted_at IS NULL AND w.revision = coalesce(n.revision, w.revision)
      AND (${SHOULD_DISABLE}
        OR ${SHOULD_NOTE_SPEED}
        OR ${SHOULD_NOTE_RESULT})`,
};

/** Builds the statement that writes the notes to their endpoints where they are news. None without notes. */
export function createEndpointNoteStatements(attempts: readonly NotedAttempt[]): PreparedStatement[] {
  const endpoints = mergeNotesByEndpoint(attempts);
  if (endpoints.length === 0) return [];
  const notes = endpoints.map(({ endpoint }) => endpoint);
  const values = [
    endpoints.map(({ webhookId }) => webhookId),
    endpoints.map(({ accountId }) => accountId),
    notes.map(({ revision }) => revision),
    notes.map(({ gone }) => gone),
    notes.map(({ slow }) => slow),
    notes.map(({ succeeded }) => succeeded),
  ];
  return [{ ...NOTE_ENDPOINTS, values }];
}

/**
 * One note an endpoint: an UPDATE whose target row has two source rows applies either of them. In order of id, so that two
 * batches lock the rows of the endpoints in the same order.
 */
function mergeNotesByEndpoint(attempts: readonly NotedAttempt[]): NotedAttempt[] {
  const merged = new Map<string, NotedAttempt>();
  for (const attempt of attempts) {
    const earlier = merged.get(attempt.webhookId)?.endpoint;
    merged.set(attempt.webhookId, { ...attempt, endpoint: mergeNotes(earlier, attempt.endpoint) });
  }
  return [...merged.values()].sort((a, b) => (a.webhookId < b.webhookId ? -1 : 1));
}

/** The note of the newer revision counts. Within one revision the later note counts, but `gone` stays. */
function mergeNotes(earlier: EndpointNote | undefined, later: EndpointNote): EndpointNote {
  if (earlier === undefined || (earlier.revision ?? 0) < (later.revision ?? 0)) return later;
  if ((earlier.revision ?? 0) > (later.revision ?? 0)) return earlier;
  return {
    revision: later.revision,
    gone: earlier.gone || later.gone,
    slow: later.slow ?? earlier.slow,
    succeeded: later.succeeded ?? earlier.succeeded,
  };
}
