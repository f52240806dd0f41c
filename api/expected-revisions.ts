import type { Request } from 'express';
import type { WebhookRecord } from '../db/webhooks/webhook-record.js';
import { ProblemError } from './problem-error.js';

/** RFC 9110 §13.1.1: `*`, or entity tags between commas. */
const ENTITY_TAGS = /^(?:W\/)?"[\x21\x23-\x7e]*"(?:\s*,\s*(?:W\/)?"[\x21\x23-\x7e]*")*$/;
const OUR_STRONG_TAG = /(?<!W\/)"(\d{1,9})-[\w-]{16}"/g;

/**
 * The revisions that `If-Match` names; `undefined` where it accepts any. Only revisions are compared: a change of the health
 * is no lost update. Weak tags, and tags that this API did not make, match nothing.
 *
 * @throws ProblemError `malformed_request`
 */
export function parseIfMatch(request: Request): number[] | undefined {
  const header = request.get('If-Match')?.trim();
  if (header === undefined || header === '*') return undefined;
  if (!ENTITY_TAGS.test(header)) throw new ProblemError('malformed_request');
  return [...header.matchAll(OUR_STRONG_TAG)].map(([, revision]) => Number(revision));
}

/** @throws ProblemError `precondition_failed` */
export function ensureRevisionMatches({ revision }: WebhookRecord, revisions: readonly number[] | undefined): void {
  if (revisions?.includes(revision) === false) throw new ProblemError('precondition_failed');
}
