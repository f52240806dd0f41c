import { z } from 'zod';
import { FIELD_RULES, type FieldRule } from './field-rules.js';

/**
 * Everything that can go wrong, as RFC 9457 problems. Titles are constant: nothing of a request or an error is in them. The
 * advice is what the documentation adds for whoever meets the problem. Codes stay as they are for ever; new ones may come.
 */
export const PROBLEMS = {
  malformed_request: {
    status: 400,
    title: 'The request cannot be read.',
    advice:
      'The body is not JSON, was cut off, or the path holds a broken percent-encoding. Repeating it will not help.',
  },
  identity_ambiguous: {
    status: 400,
    title: 'The account is named more than once.',
    advice: 'Do not send `X-Account-Id` yourself: the account is the one that your token names.',
  },
  idempotency_key_invalid: {
    status: 400,
    title: 'The Idempotency-Key must be one text of 1 to 255 characters.',
    advice: 'Letters, digits, spaces and ASCII signs but `"` and `\\`, in quotes or without.',
  },
  identity_missing: {
    status: 401,
    title: 'The request did not come with an account.',
    advice: 'Send a valid token of an account in `Authorization: Bearer`.',
  },
  not_found: {
    status: 404,
    title: 'There is no such thing.',
    advice: 'It never existed, was removed, or belongs to another account: these are one answer on purpose.',
  },
  method_not_allowed: {
    status: 405,
    title: 'This cannot be done here; the Allow header names what can.',
    advice: 'Compare method and path with the documentation.',
  },
  webhook_limit_reached: {
    status: 409,
    title: 'The account has ten webhooks, which is the limit.',
    advice: 'Remove an endpoint, or let one endpoint receive more event types.',
  },
  webhook_disabled: {
    status: 409,
    title: 'The webhook is disabled.',
    advice: 'Enable it first: what is sent to a disabled webhook would be skipped again.',
  },
  delivery_settled: {
    status: 409,
    title: 'The delivery has ended.',
    advice: 'Only a delivery that waits can be canceled. `GET /v1/deliveries/:id` shows how it ended.',
  },
  task_ended: {
    status: 409,
    title: 'The task has ended.',
    advice: 'A task that ended cannot be paused, resumed or canceled. Begin another one.',
  },
  precondition_failed: {
    status: 412,
    title: 'It was changed since the version that If-Match names.',
    advice: 'Read it again, decide anew, and send the change with the `ETag` of that answer.',
  },
  payload_too_large: {
    status: 413,
    title: 'The request body is larger than 16 kB.',
    advice: 'The limit counts what a compressed body becomes.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'The request body must be application/json in UTF-8.',
    advice: 'Set `Content-Type: application/json`. Bodies may be compressed with gzip, deflate or br.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'The Idempotency-Key was used for another request.',
    advice: 'Take a new key for each thing to be made, and the same one only to repeat the very same request.',
  },
  invalid_request: {
    status: 422,
    title: 'Some of the values are not acceptable.',
    advice:
      'Each entry of `errors` points at a value of the body or a parameter of the query and names the rule it breaks.',
  },
  rate_limited: {
    status: 429,
    title: 'Too many requests of this account; Retry-After says when to go on.',
    advice: 'An account has 60 requests a minute. `RateLimit` on every answer says how many are left.',
  },
  internal_error: {
    status: 500,
    title: 'The request failed, and we were told.',
    advice: 'Nothing in the request caused it. If it stays, tell us the request id.',
  },
  unavailable: {
    status: 503,
    title: 'The request cannot be served right now; it may be repeated.',
    advice: 'Repeat it after the seconds in `Retry-After`. Deliveries are not affected: they wait and go on.',
  },
} as const satisfies Record<string, { status: number; title: string; advice: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

/** What is wrong with one value: where (RFC 6901, empty for the whole) and by which rule. Never the value itself. */
export interface FieldProblem {
  readonly pointer: string;
  readonly code: FieldRule;
}

const fieldProblemSchema = z
  .strictObject({
    pointer: z.string().meta({
      description: 'JSON Pointer (RFC 6901) into the body, or `/` and a query parameter; empty for the whole.',
      examples: ['/url', '/eventTypes/0'],
    }),
    code: z.enum(Object.keys(FIELD_RULES) as [FieldRule, ...FieldRule[]]),
  })
  .meta({ id: 'FieldProblem', description: 'Which value is not acceptable, and by which rule.' });

export const problemSchema = z
  .strictObject({
    type: z.string().meta({ format: 'uri-reference', description: 'Where the problem is explained.' }),
    title: z.string().meta({ description: 'The same for every problem of this code.' }),
    status: z.int().meta({ description: 'The status of the answer.' }),
    code: z
      .enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]])
      .meta({ description: 'Stable: decide by this one.' }),
    requestId: z.string().meta({ description: 'As in `X-Request-Id`: quote it when you ask for help.' }),
    errors: z.array(fieldProblemSchema).optional(),
  })
  .meta({ id: 'Problem', description: 'What went wrong (RFC 9457, `application/problem+json`).' });

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
