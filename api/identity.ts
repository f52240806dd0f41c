import type { Request, RequestHandler, Response } from 'express';
import { ProblemError } from './problem-error.js';
import { UUID_PATTERN } from '../domain/delivery/uuid.js';

/**
 * The account id that Kong sets. A repeated header is refused, not joined: a client's own header may precede Kong's.
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

/** Runs first: nothing else of a request is read before its account is known. */
export const identifyAccount: RequestHandler = (request, response, next) => {
  response.locals['accountId'] = readAccountIdHeader(request);
  next();
};

/** For handlers behind `identifyAccount`. */
export const getAccountId = (response: Response): string => response.locals['accountId'] as string;

/**
 * The id in a path, in lower case. A text of another form never reaches the database.
 * @throws ProblemError `not_found`, as for an unknown id.
 */
export function parsePathId(request: Request): string {
  const { id } = request.params;
  const text = typeof id === 'string' ? id.toLowerCase() : '';
  if (!UUID_PATTERN.test(text)) throw new ProblemError('not_found');
  return text;
}
