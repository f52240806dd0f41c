import { rateLimit, type RateLimitRequestHandler } from 'express-rate-limit';
import { getAccountId } from './identity.js';
import { ProblemError } from './problem-error.js';

const WINDOW_MS = 60_000;

/**
 * The second line behind the edge's own limit: `perMinute` requests an account in a fixed minute that begins with its first
 * request. Counted in this process, so a pod more is a minute's worth more; the service may not keep counters anywhere else.
 * Answers say where the account stands (draft-ietf-httpapi-ratelimit-headers-08).
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
    // Its advice is about client addresses, which decide nothing here, and goes to the console.
    validate: false,
  });
