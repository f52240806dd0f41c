import type { Database } from '../client.js';
import { DatabaseError, toDatabaseError } from '../errors.js';

export interface EnvelopeRow {
  readonly webhookId: string;
  readonly accountId: string;
  /** Which of the row's two secrets: the current one, or the one that it replaced. */
  readonly place: 'current' | 'previous';
  readonly envelope: Buffer;
}

/**
 * Asserts that row level security hides no envelope from this role. To any other role the table looks empty and all work done,
 * and an operator would delete a master key that is still needed. @throws DatabaseError `misconfigured`
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

const READ_ENVELOPES_SQL = `
  SELECT w.id AS "webhookId", w.account_id AS "accountId", e.place, e.envelope
  FROM hook.webhook_configs w
  CROSS JOIN LATERAL (VALUES ('current', w.secret_enc), ('previous', w.secret_prev_enc)) AS e (place, envelope)
  WHERE e.envelope IS NOT NULL AND w.account_id IN (
    SELECT DISTINCT p.account_id FROM hook.webhook_configs p
    WHERE $1::uuid IS NULL OR p.account_id > $1 ORDER BY p.account_id LIMIT $2)
  ORDER BY w.account_id, w.id, e.place`;

/**
 * Reads all envelopes of the next hundred accounts, in order of account, including deleted webhooks and previous secrets.
 * Only the role of deploy/postgres/keys-role.sql sees the rows of all accounts. @throws DatabaseError
 */
export async function readEnvelopes(db: Database, afterAccountId: string | undefined): Promise<EnvelopeRow[]> {
  const values = [afterAccountId ?? null, ACCOUNTS_A_PAGE];
  const { rows } = await db.query<EnvelopeRow>(READ_ENVELOPES_SQL, values).catch((error: unknown) => {
    throw toDatabaseError(error);
  });
  return rows;
}

/** `secret_version` and `updated_at` stay: the secret is the same. */
const REPLACE_ENVELOPE_SQL = {
  current: 'UPDATE hook.webhook_configs SET secret_enc = $4 WHERE id = $1 AND account_id = $2 AND secret_enc = $3',
  previous: `UPDATE hook.webhook_configs SET secret_prev_enc = $4
    WHERE id = $1 AND account_id = $2 AND secret_prev_enc = $3`,
};

/** Replaces an envelope if the row still has the one that was read; false otherwise. @throws DatabaseError */
export async function replaceEnvelope(db: Database, row: EnvelopeRow, envelope: Buffer): Promise<boolean> {
  const values = [row.webhookId, row.accountId, row.envelope, envelope];
  const { rowCount } = await db.query(REPLACE_ENVELOPE_SQL[row.place], values).catch((error: unknown) => {
    throw toDatabaseError(error);
  });
  return rowCount === 1;
}
