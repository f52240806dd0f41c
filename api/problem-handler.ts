import type { Response } from 'express';
import { buildProblem, type FieldProblem, type ProblemCode } from '../contracts/rest/problem.js';
import { TemporalUnavailable } from '../control/temporal-unavailable.js';
import { DatabaseError } from '../db/errors.js';
import { KmsUnavailable } from '../keys/key-errors.js';
import { ProblemError } from './problem-error.js';

interface Verdict {
  readonly code: ProblemCode;
  readonly errors?: readonly FieldProblem[];
}

/** Seconds after which a client may retry while a dependency is unavailable. */
const RETRY_AFTER_S = 5;
const WEBHOOK_LIMIT = 'webhook_configs_max_10_per_account';

/** Error types of body-parser. Its errors carry the raw body, so only type and status are read. */
const BODY_ERRORS: Readonly<Record<string, ProblemCode>> = {
  'entity.too.large': 'payload_too_large',
  'parameters.too.many': 'payload_too_large',
  'charset.unsupported': 'unsupported_media_type',
  'encoding.unsupported': 'unsupported_media_type',
};

/** Maps an error to the client's problem. An unknown error is a bug of ours: `internal_error`. */
export function classifyRequestError(error: unknown): Verdict {
  if (error instanceof ProblemError) {
    return { code: error.problem, ...(error.errors === undefined ? {} : { errors: error.errors }) };
  }
  if (error instanceof KmsUnavailable || error instanceof TemporalUnavailable) return { code: 'unavailable' };
  if (error instanceof DatabaseError) return { code: classifyDatabaseError(error) };
  const { type, status } = (error ?? {}) as { type?: unknown; status?: unknown };
  const bodyProblem = typeof type === 'string' ? BODY_ERRORS[type] : undefined;
  if (bodyProblem !== undefined) return { code: bodyProblem };
  // Express and body-parser refuse with 400: broken JSON, a broken percent-encoding, an aborted upload.
  return { code: status === 400 ? 'malformed_request' : 'internal_error' };
}

function classifyDatabaseError({ kind, constraint }: DatabaseError): ProblemCode {
  if (constraint === WEBHOOK_LIMIT) return 'webhook_limit_reached';
  if (kind === 'unavailable' || kind === 'contention') return 'unavailable';
  return kind === 'refused_value' ? 'invalid_request' : 'internal_error';
}

function sendProblem(response: Response, { code, ...errors }: Verdict): void {
  const problem = buildProblem(code, { requestId: response.get('X-Request-Id') ?? '', ...errors });
  if (code === 'unavailable') response.set('Retry-After', String(RETRY_AFTER_S));
  response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}

/**
 * Answers a request that no route answered: no route matched, or its handler failed. Errors that the client did not cause are
 * reported. After the headers were sent the response cannot become a problem, so the connection is closed instead.
 */
export function respondWithProblem(
  response: Response,
  error: unknown,
  report: (error: unknown, response: Response) => void,
): void {
  const verdict =
    error === undefined || error === null ? ({ code: 'not_found' } as const) : classifyRequestError(error);
  if (verdict.code === 'internal_error' || verdict.code === 'unavailable') report(error, response);
  if (response.headersSent) response.destroy();
  else sendProblem(response, verdict);
}
