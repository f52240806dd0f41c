import { metadataSchema, type PatchWebhook } from '../contracts/rest/webhook.js';
import { replaceWebhook } from '../db/webhooks/change-webhook.js';
import type { Database } from '../db/client.js';
import type { WebhookContent, WebhookRecord } from '../db/webhooks/webhook-record.js';
import { findWebhook } from '../db/webhooks/webhooks.js';
import { ensureRevisionMatches } from './expected-revisions.js';
import { ProblemError } from './problem-error.js';

export interface PatchWebhookRequest {
  readonly accountId: string;
  readonly id: string;
  readonly revisions: readonly number[] | undefined;
  /** Its URL is in canonical form. */
  readonly patch: PatchWebhook;
}

/** Another request may change the webhook between our read and our write. The patch is then applied to the newer version. */
const MAX_TRIES = 5;

/**
 * Merges a patch (RFC 7396) into the webhook as it is when it is written.
 * @throws ProblemError `not_found`, `precondition_failed`, `invalid_request`, `unavailable`; DatabaseError
 */
export async function patchWebhook(
  db: Database,
  { accountId, id, revisions, patch }: PatchWebhookRequest,
): Promise<WebhookRecord> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const row = await findWebhook(db, accountId, id);
    if (row === undefined) throw new ProblemError('not_found');
    ensureRevisionMatches(row, revisions);
    const { status } = patch;
    const replacement = { ...applyPatch(row, patch), id, status, revisions: [row.revision] };
    const changed = await replaceWebhook(db, accountId, replacement);
    if (changed !== undefined) return changed;
  }
  throw new ProblemError('unavailable');
}

/** `satisfies`: a field that a patch may hold and that is forgotten here does not compile. */
const applyPatch = (row: WebhookRecord, patch: PatchWebhook): WebhookContent =>
  ({
    url: patch.url ?? row.url,
    description: patch.description === undefined ? row.description : patch.description,
    eventTypes: patch.eventTypes === undefined ? row.eventTypes : patch.eventTypes,
    rateLimit: patch.rateLimit === undefined ? row.rateLimit : patch.rateLimit,
    metadata: mergeMetadata(row.metadata, patch.metadata),
  }) satisfies Record<Exclude<keyof PatchWebhook, 'status'>, unknown>;

function mergeMetadata(
  before: WebhookContent['metadata'],
  patch: PatchWebhook['metadata'],
): WebhookContent['metadata'] {
  const all = Object.entries(patch === null ? {} : { ...before, ...patch });
  const kept = Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== null));
  if (metadataSchema.safeParse(kept).success) return kept;
  throw new ProblemError('invalid_request', [{ pointer: '/metadata', code: 'rule' }]);
}
