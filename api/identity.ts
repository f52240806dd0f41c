import type { Request, RequestHandler, Response } from 'express';
import { ProblemError } from './problem-error.js';
import { UUID_PATTERN } from '../domain/delivery/uuid.js';

/**
 * The account that Kong vouches for. Duplicates are refused, not joined: a client's own header may stand before Kong's.
 *
 * @throws ProblemError `identity_missing` or `identity_ambiguous`.
 */
function readAccountIdHeader(request: Pick<Request, 'headersDistinct'>): string {
  const [value, ...more] = request.headersDistinct['x-account-id'] ?? [];
  if (more.length > 0) throw new ProblemError('identity_ambiguous');
  const accountId = value?.toLowerCase() ?? '';
  if (!UUID_PATTERN.test(accountId)) throw new ProblemError('identity_missing');
  return accountId;
}

/** Before anything else of a request is looked at. */
export const identifyAccount: RequestHandler = (request, response, next) => {
  response.locals['accountId'] = readAccountIdHeader(request);
  next();
};

/** For handlers behind `identify`. */
export const getAccountId = (response: Response): string => response.locals['accountId'] as string;

/** An id in a path, or the same 404 as for an id that nobody has. It never reaches the database otherwise. */
export function parsePathId(request: Request): string {
  const { id } = request.params;
  const text = typeof id === 'string' ? id.toLowerCase() : '';
  if (!UUID_PATTERN.test(text)) throw new ProblemError('not_found');
  return text;
}
