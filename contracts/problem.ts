import { z } from 'zod';

/** Everything that can go wrong, as RFC 9457 problems. Titles are constant: nothing of a request or an error is in them. */
export const PROBLEMS = {
  malformed_request: { status: 400, title: 'The request cannot be read.' },
  identity_ambiguous: { status: 400, title: 'The account is named more than once.' },
  identity_missing: { status: 401, title: 'The request did not come with an account.' },
  not_found: { status: 404, title: 'There is no such thing.' },
  method_not_allowed: { status: 405, title: 'This cannot be done here; the Allow header names what can.' },
  webhook_limit_reached: { status: 409, title: 'The account has ten webhooks, which is the limit.' },
  payload_too_large: { status: 413, title: 'The request body is larger than 16 kB.' },
  unsupported_media_type: { status: 415, title: 'The request body must be application/json in UTF-8.' },
  invalid_request: { status: 422, title: 'Some of the values are not acceptable.' },
  rate_limited: { status: 429, title: 'Too many requests of this account; Retry-After says when to go on.' },
  internal_error: { status: 500, title: 'The request failed, and we were told.' },
  unavailable: { status: 503, title: 'The request cannot be served right now; it may be repeated.' },
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

/** What is wrong with one value: where (RFC 6901, empty for the whole) and by which rule. Never the value itself. */
export interface FieldProblem {
  readonly pointer: string;
  readonly code: string;
}

export const problemSchema = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]),
    errors: z.array(z.strictObject({ pointer: z.string(), code: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457. The request id is in the X-Request-Id header.' });

export type Problem = z.infer<typeof problemSchema>;

export function problemOf(code: ProblemCode, errors?: readonly FieldProblem[]): Problem {
  const { status, title } = PROBLEMS[code];
  const type = `urn:webhook-dispatcher:problem:${code}`;
  return { type, title, status, code, ...(errors === undefined ? {} : { errors: [...errors] }) };
}
