import { rateLimit, type RateLimitRequestHandler } from 'express-rate-limit';
import { getAccountId } from './identity.js';
import { ProblemError } from './problem-error.js';

const WINDOW_MS = 60_000;

/**
 * The second limit, behind the edge's: `perMinute` requests per account in a fixed minute that starts with its first request.
 * Each process counts on its own, because the service may not keep counters elsewhere: every further pod allows `perMinute`
 * more. Responses carry the account's remaining requests (draft-ietf-httpapi-ratelimit-headers-08).
 *
 * @throws ProblemError `rate_limited`, with `Retry-After` in seconds on the answer.
 */
export const createRequestLimit = (perMinute: number): RateLimitRequestHandler =>
  rateLimit({
    windowMs: WINDOW_MS,
    limit: perMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    identifier: 'account',
    keyGenerator: (_request, response) => getAccountId(response),
    handler: (_request, _response, next) => next(new ProblemError('rate_limited')),
    // The library's checks concern client addresses, which are not used here, and print to the console.
    validate: false,
  });
