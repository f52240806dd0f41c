import type { PreparedStatement } from '../client.js';

/** What an attempt says about its endpoint. */
export interface EndpointNote {
  /** The endpoint as the attempt met it: what was learnt about one that was changed meanwhile counts no more. */
  readonly revision: number | null;
  /** It answered 410: it is to be disabled. */
  readonly gone: boolean;
  /** `null`: nothing new. */
  readonly slow: boolean | null;
  /** Whether it works; `null`: nothing new. */
  readonly succeeded: boolean | null;
}

/** An attempt with something to say about its endpoint. */
export interface NotedAttempt {
  readonly webhookId: string;
  readonly accountId: string;
  readonly endpoint: EndpointNote;
}

/** How long an endpoint counts as slow unless an attempt shows otherwise. */
const SLOW_FOR = '10 minutes';

/**
 * When an attempt's result is worth an update of its endpoint, in SQL over `w`. A healthy endpoint is written once a minute;
 * one that fails and succeeds by turns once in ten seconds, whatever its traffic.
 */
export const SHOULD_NOTE_SUCCESS_SQL = `(w.failing_since IS NOT NULL OR coalesce(w.last_success_at < now() - interval '1 minute', true))`;
export const SHOULD_NOTE_FAILURE_SQL = `(w.failing_since IS NULL AND coalesce(w.last_success_at < now() - interval '10 seconds', true))`;

const DISABLES = `n.gone AND w.status = 'enabled'`;

const NOTE_ENDPOINTS = {
  name: 'note_endpoints',
  text: `
    UPDATE hook.webhook_configs w SET
      slow_until = CASE n.slow WHEN true THEN now() + interval '${SLOW_FOR}' WHEN false THEN NULL ELSE w.slow_until END,
      last_success_at = CASE WHEN n.succeeded THEN now() ELSE w.last_success_at END,
      failing_since = CASE n.succeeded WHEN true THEN NULL WHEN false THEN coalesce(w.failing_since, now()) ELSE w.failing_since END,
      status = CASE WHEN ${DISABLES} THEN 'disabled' ELSE w.status END,
      disabled_reason = CASE WHEN ${DISABLES} THEN 'gone' ELSE w.disabled_reason END,
      disabled_at = CASE WHEN ${DISABLES} THEN now() ELSE w.disabled_at END,
      updated_at = CASE WHEN ${DISABLES} THEN now() ELSE w.updated_at END,
      revision = CASE WHEN ${DISABLES} THEN w.revision + 1 ELSE w.revision END
    FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::boolean[], $5::boolean[], $6::boolean[])
      AS n (id, account_id, revision, gone, slow, succeeded)
    WHERE w.id = n.id AND w.account_id = n.account_id AND w.deleted_at IS NULL AND w.revision = coalesce(n.revision, w.revision)
      AND (${DISABLES}
        OR CASE WHEN n.slow THEN coalesce(w.slow_until < now() + interval '${SLOW_FOR}' / 2, true)
                ELSE NOT n.slow AND w.slow_until IS NOT NULL END
        OR CASE WHEN n.succeeded THEN ${SHOULD_NOTE_SUCCESS_SQL} ELSE NOT n.succeeded AND ${SHOULD_NOTE_FAILURE_SQL} END)`,
};

/** Writes what attempts say about their endpoints, where it is new. At most one statement. */
export function createEndpointNoteStatements(attempts: readonly NotedAttempt[]): PreparedStatement[] {
  // One note an endpoint, as an UPDATE with two source rows for one target would pick any.
  const notes = new Map<string, NotedAttempt>();
  for (const attempt of attempts) {
    const { webhookId } = attempt;
    notes.set(webhookId, { ...attempt, endpoint: mergeNotes(notes.get(webhookId)?.endpoint, attempt.endpoint) });
  }
  if (notes.size === 0) return [];
  const ordered = [...notes.values()].sort((a, b) => (a.webhookId < b.webhookId ? -1 : 1));
  const said = ordered.map(({ endpoint }) => endpoint);
  const values = [
    ordered.map(({ webhookId }) => webhookId),
    ordered.map(({ accountId }) => accountId),
    said.map(({ revision }) => revision),
    said.map(({ gone }) => gone),
    said.map(({ slow }) => slow),
    said.map(({ succeeded }) => succeeded),
  ];
  return [{ ...NOTE_ENDPOINTS, values }];
}

/** Of the endpoint as it was changed last, the last word; but gone is gone. */
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
