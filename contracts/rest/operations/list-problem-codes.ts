import { PROBLEMS, type ProblemCode } from '../problem.js';
import type { Operation } from './operation.js';

/** Problems that every route can respond with, because they are detected before its handler runs. */
const PROBLEMS_OF_EVERY_ROUTE: readonly ProblemCode[] = [
  ...(['malformed_request', 'identity_ambiguous', 'identity_missing'] as const),
  // A sent body is read on every route, even if the route expects none.
  ...(['payload_too_large', 'unsupported_media_type'] as const),
  ...(['rate_limited', 'internal_error', 'unavailable'] as const),
];

/** All problems that a route can respond with, in the order of their status. */
export function listProblemCodes({ path, body, query, headers = [], problems = [] }: Operation): ProblemCode[] {
  const codes = new Set<ProblemCode>([...PROBLEMS_OF_EVERY_ROUTE, ...problems]);
  if (path.includes('/:')) codes.add('not_found');
  if (body !== undefined || query !== undefined) codes.add('invalid_request');
  if (headers.includes('If-Match')) codes.add('precondition_failed');
  if (headers.includes('Idempotency-Key')) codes.add('idempotency_key_invalid').add('idempotency_key_reused');
  return [...codes].sort((a, b) => PROBLEMS[a].status - PROBLEMS[b].status);
}
