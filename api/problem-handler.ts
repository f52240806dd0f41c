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

/** How long a client should leave us alone when a part is away, in seconds. */
const RETRY_AFTER_S = 5;
const WEBHOOK_LIMIT = 'webhook_configs_max_10_per_account';

/** Types of body-parser's errors; they carry the raw body, so nothing else of them is used. */
const BODY_ERRORS: Readonly<Record<string, ProblemCode>> = {
  'entity.too.large': 'payload_too_large',
  'parameters.too.many': 'payload_too_large',
  'charset.unsupported': 'unsupported_media_type',
  'encoding.unsupported': 'unsupported_media_type',
};

/** Decides what an error means for the client. Whatever it does not know is a bug of ours. */
export function classifyRequestError(error: unknown): Verdict {
  if (error instanceof ProblemError) {
    return { code: error.problem, ...(error.errors === undefined ? {} : { errors: error.errors }) };
  }
  if (error instanceof KmsUnavailable || error instanceof TemporalUnavailable) return { code: 'unavailable' };
  if (error instanceof DatabaseError) return { code: databaseProblem(error) };
  const { type, status } = (error ?? {}) as { type?: unknown; status?: unknown };
  const bodyProblem = typeof type === 'string' ? BODY_ERRORS[type] : undefined;
  if (bodyProblem !== undefined) return { code: bodyProblem };
  // What Express and body-parser refuse otherwise: broken JSON, a broken percent-encoding, an aborted upload.
  return { code: status === 400 ? 'malformed_request' : 'internal_error' };
}

function databaseProblem({ kind, constraint }: DatabaseError): ProblemCode {
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
 * Ends what no route has answered: nobody wanted it, or it failed. What was not the client's fault is reported. An answer
 * that has begun cannot become another one, so the connection ends instead.
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
