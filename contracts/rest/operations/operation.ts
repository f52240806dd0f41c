import type { z } from 'zod';
import type { ProblemCode } from '../problem.js';
import type { RequestHeader, ResponseHeader } from './headers.js';

/** A successful response. */
export interface OperationResponse {
  readonly description: string;
  /** Absent for a response without a body. */
  readonly body?: z.ZodType;
  readonly headers?: readonly ResponseHeader[];
}

/** One route of the customers' API, as its documentation describes it. */
export interface Operation {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** In Express notation: `/v1/webhooks/:id`. */
  readonly path: string;
  /** Unique, in camel case: generated clients use it as a function name. */
  readonly operationId: string;
  readonly tag: 'Webhooks' | 'Deliveries' | 'Statistics' | 'Tasks';
  /** One line without a full stop. */
  readonly summary: string;
  /** CommonMark: effects, limits, and next steps for the customer. */
  readonly description: string;
  readonly query?: z.ZodObject;
  readonly headers?: readonly RequestHeader[];
  readonly body?: z.ZodType;
  /** Set if the body is optional. */
  readonly bodyOptional?: true;
  /** Media type of the body; `application/json` by default. */
  readonly mediaType?: string;
  readonly successResponses: Readonly<Record<number, OperationResponse>>;
  /** Further problems. `list-problem-codes.ts` adds the problems of every route, and the ones implied by the other fields. */
  readonly problems?: readonly ProblemCode[];
}
