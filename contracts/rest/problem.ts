import { z } from 'zod';
import { FIELD_RULES, type FieldRule } from './field-rules.js';

/**
 * All problems of the API (RFC 9457). Titles are constant and hold nothing of a request or an error. The documentation shows
 * the advice. A code never changes; new codes may be added.
 */
export const PROBLEMS = {
  malformed_request: {
    status: 400,
    title: 'The request cannot be read.',
    advice:
      'The body is not JSON or is incomplete, or the path holds a broken percent-encoding. Repeating the request does not help.',
  },
  identity_ambiguous: {
    status: 400,
    title: 'The request names the account more than once.',
    advice: 'Do not send `X-Account-Id` yourself: your token names the account.',
  },
  idempotency_key_invalid: {
    status: 400,
    title: 'The Idempotency-Key must be a single text of 1 to 255 characters.',
    advice: 'Use printable ASCII characters except `"` and `\\`, with or without quotes around them.',
  },
  identity_missing: {
    status: 401,
    title: 'The request names no account.',
    advice: 'Send a valid token of an account in `Authorization: Bearer`.',
  },
  not_found: {
    status: 404,
    title: 'The resource does not exist.',
    advice:
      'It never existed, was removed, or belongs to another account. The response does not tell these cases apart, on purpose.',
  },
  method_not_allowed: {
    status: 405,
    title: 'This path does not support the method; the Allow header lists the methods that it supports.',
    advice: 'Compare the method and the path with the documentation.',
  },
  webhook_limit_reached: {
    status: 409,
    title: 'The account has ten webhooks, which is the limit.',
    advice: 'Remove an endpoint, or use one endpoint for more event types.',
  },
  webhook_disabled: {
    status: 409,
    title: 'The webhook is disabled.',
    advice: 'Enable it first: a disabled webhook would skip the deliveries again.',
  },
  delivery_ended: {
    status: 409,
    title: 'The delivery has ended.',
    advice: 'Only a waiting delivery can be canceled. `GET /v1/deliveries/:id` shows how this one ended.',
  },
  task_ended: {
    status: 409,
    title: 'The task has ended.',
    advice: 'An ended task cannot be paused, resumed or canceled. Start a new one.',
  },
  precondition_failed: {
    status: 412,
    title: 'The resource has changed since the version that If-Match names.',
    advice: 'Read the resource again, and send the change with the `ETag` of that response if it still applies.',
  },
  payload_too_large: {
    status: 413,
    title: 'The request body is larger than 16 kB.',
    advice: 'The limit counts the decompressed body.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'The request body must be application/json in UTF-8.',
    advice: 'Set `Content-Type: application/json`. Bodies may be compressed with gzip, deflate or br.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'The Idempotency-Key was used for another request.',
    advice: 'Use a new key for each resource that you create, and the same key only to repeat the same request.',
  },
  invalid_request: {
    status: 422,
    title: 'Some values are not acceptable.',
    advice:
      'Each entry of `errors` points to a value of the body or a parameter of the query, and names the rule that it breaks.',
  },
  rate_limited: {
    status: 429,
    title: 'The account has made too many requests; Retry-After says when to continue.',
    advice:
      'An account may make 60 requests per minute. The `RateLimit` header of every response shows how many are left.',
  },
  internal_error: {
    status: 500,
    title: 'The request failed because of an error in the service. The error was reported to us.',
    advice: 'The request did not cause the error. If it persists, send us the request id.',
  },
  unavailable: {
    status: 503,
    title: 'The service cannot process the request at the moment; it may be repeated.',
    advice: 'Repeat it after the seconds in `Retry-After`. Deliveries are not lost: they wait and continue.',
  },
} as const satisfies Record<string, { status: number; title: string; advice: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

/** One value that is not acceptable: its place (RFC 6901, empty for the whole body) and the rule that it breaks. Never the value. */
export interface FieldProblem {
  readonly pointer: string;
  readonly code: FieldRule;
}

const fieldProblemSchema = z
  .strictObject({
    pointer: z.string().meta({
      description: 'JSON Pointer (RFC 6901) into the body, or `/` and a query parameter; empty for the whole body.',
      examples: ['/url', '/eventTypes/0'],
    }),
    code: z.enum(Object.keys(FIELD_RULES) as [FieldRule, ...FieldRule[]]),
  })
  .meta({ id: 'FieldProblem', description: 'A value that is not acceptable, and the rule that it breaks.' });

export const problemSchema = z
  .strictObject({
    type: z.string().meta({ format: 'uri-reference', description: 'Link to the explanation of the problem.' }),
    title: z.string().meta({ description: 'The same for every problem of this code.' }),
    status: z.int().meta({ description: 'The status of the response.' }),
    code: z
      .enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]])
      .meta({ description: 'Never changes: let clients decide by it.' }),
    requestId: z.string().meta({ description: 'The same as in `X-Request-Id`. Quote it when you ask for help.' }),
    errors: z.array(fieldProblemSchema).optional(),
  })
  .meta({ id: 'Problem', description: 'An error (RFC 9457, `application/problem+json`).' });

export type Problem = z.infer<typeof problemSchema>;

interface Occurrence {
  readonly requestId: string;
  readonly errors?: readonly FieldProblem[];
}

/** `type` is a path, because only the edge knows the host; it leads to the page that explains the problem. */
export function buildProblem(code: ProblemCode, { requestId, errors }: Occurrence): Problem {
  const { status, title } = PROBLEMS[code];
  const type = `/docs/problems#${code}`;
  return { type, title, status, code, requestId, ...(errors === undefined ? {} : { errors: [...errors] }) };
}
