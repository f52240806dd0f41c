import type { ChangeTarget } from '../db/webhooks/change-webhook.js';
import type { Database } from '../db/client.js';
import type { WebhookRecord } from '../db/webhooks/webhook-record.js';
import { findWebhook } from '../db/webhooks/webhooks.js';
import { ensureRevisionMatches } from './expected-revisions.js';
import { ProblemError } from './problem-error.js';

/**
 * Unknown, foreign and deleted rows give the same problem, so that a response reveals nothing about ids of other accounts.
 * @throws ProblemError `not_found`
 */
export function requireFound<T>(row: T | undefined): T {
  if (row === undefined) throw new ProblemError('not_found');
  return row;
}

/**
 * Explains a change that matched no row.
 * @throws ProblemError always: `not_found`, `precondition_failed`, or `unavailable` if the row matches by now.
 */
export async function throwMissingOrChanged(
  db: Database,
  accountId: string,
  { id, revisions }: ChangeTarget,
): Promise<WebhookRecord> {
  ensureRevisionMatches(requireFound(await findWebhook(db, accountId, id)), revisions);
  throw new ProblemError('unavailable');
}
