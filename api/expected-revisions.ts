import type { Request } from 'express';
import type { WebhookRecord } from '../db/webhooks/webhook-record.js';
import { ProblemError } from './problem-error.js';

/** RFC 9110 §13.1.1: `*`, or entity tags between commas. */
const TAGS = /^(?:W\/)?"[\x21\x23-\x7e]*"(?:\s*,\s*(?:W\/)?"[\x21\x23-\x7e]*")*$/;
const OURS = /(?<!W\/)"(\d{1,9})-[\w-]{16}"/g;

/**
 * The revisions that `If-Match` names; `undefined` where any will do. Only they are compared: that the health of an endpoint
 * changed since it was read is no lost update. Weak tags and strangers' ones match nothing.
 *
 * @throws ProblemError `malformed_request`
 */
export function parseIfMatch(request: Request): number[] | undefined {
  const header = request.get('If-Match')?.trim();
  if (header === undefined || header === '*') return undefined;
  if (!TAGS.test(header)) throw new ProblemError('malformed_request');
  return [...header.matchAll(OURS)].map(([, revision]) => Number(revision));
}

/** @throws ProblemError `precondition_failed` */
export function ensureRevisionMatches({ revision }: WebhookRecord, revisions: readonly number[] | undefined): void {
  if (revisions?.includes(revision) === false) throw new ProblemError('precondition_failed');
}
