import type { Database } from '../client.js';
import { DatabaseError, toDatabaseError } from '../errors.js';

export interface EnvelopeRow {
  readonly webhookId: string;
  readonly accountId: string;
  /** Which of the row's two secrets: the one in force, or the one that it replaced. */
  readonly place: 'current' | 'previous';
  readonly envelope: Buffer;
}

/**
 * To a role that row level security blinds, the table looks empty and all work done: who believed that would give up a master
 * key that is still needed. @throws DatabaseError `misconfigured`
 */
export async function assertCanReadAllEnvelopes(db: Database): Promise<void> {
  const { rows } = await db.query<{ sees: boolean }>(CAN_READ_ALL_ENVELOPES_SQL).catch((error: unknown) => {
    throw toDatabaseError(error);
  });
  if (rows[0]?.sees !== true) throw new DatabaseError('misconfigured', 'NOT_THE_KEYS_ROLE');
}

const CAN_READ_ALL_ENVELOPES_SQL = `
  SELECT EXISTS (
    SELECT FROM pg_catalog.pg_policies
    WHERE schemaname = 'hook' AND tablename = 'webhook_configs' AND policyname = 'envelopes_of_all_accounts'
      AND current_user = ANY (roles)) AS sees`;

const ACCOUNTS_A_PAGE = 100;

const READ = `
  SELECT w.id AS "webhookId", w.account_id AS "accountId", e.place, e.envelope
  FROM hook.webhook_configs w
  CROSS JOIN LATERAL (VALUES ('current', w.secret_enc), ('previous', w.secret_prev_enc)) AS e (place, envelope)
  WHERE e.envelope IS NOT NULL AND w.account_id IN (
    SELECT DISTINCT p.account_id FROM hook.webhook_configs p
    WHERE $1::uuid IS NULL OR p.account_id > $1 ORDER BY p.account_id LIMIT $2)
  ORDER BY w.account_id, w.id, e.place`;

/**
 * All envelopes of the hundred accounts after this one, removed webhooks' and replaced secrets' as well, in order of account.
 * Only the role of deploy/postgres/keys-role.sql sees accounts that it did not name before. @throws DatabaseError
 */
export async function readEnvelopes(db: Database, afterAccountId: string | undefined): Promise<EnvelopeRow[]> {
  const values = [afterAccountId ?? null, ACCOUNTS_A_PAGE];
  const { rows } = await db.query<EnvelopeRow>(READ, values).catch((error: unknown) => {
    throw toDatabaseError(error);
  });
  return rows;
}

/** Neither `secret_version` nor `updated_at` changes: it is the same secret. */
const REPLACE = {
  current: 'UPDATE hook.webhook_configs SET secret_enc = $4 WHERE id = $1 AND account_id = $2 AND secret_enc = $3',
  previous: `UPDATE hook.webhook_configs SET secret_prev_enc = $4
    WHERE id = $1 AND account_id = $2 AND secret_prev_enc = $3`,
};

/** Compare and set: false when the row no longer has the envelope that was read. @throws DatabaseError */
export async function replaceEnvelope(db: Database, row: EnvelopeRow, envelope: Buffer): Promise<boolean> {
  const values = [row.webhookId, row.accountId, row.envelope, envelope];
  const { rowCount } = await db.query(REPLACE[row.place], values).catch((error: unknown) => {
    throw toDatabaseError(error);
  });
  return rowCount === 1;
}
