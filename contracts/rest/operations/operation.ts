import type { z } from 'zod';
import type { ProblemCode } from '../problem.js';
import type { RequestHeader, ResponseHeader } from './headers.js';

/** What a request that worked is answered with. */
export interface OperationResponse {
  readonly description: string;
  /** Absent where the answer has no body. */
  readonly body?: z.ZodType;
  readonly headers?: readonly ResponseHeader[];
}

/** One route of the customers' API, as much as a customer has to know of it. */
export interface Operation {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** As Express spells it: `/v1/webhooks/:id`. */
  readonly path: string;
  /** Unique, camel case: generated clients name their functions after it. */
  readonly operationId: string;
  readonly tag: 'Webhooks' | 'Deliveries' | 'Statistics' | 'Tasks';
  /** One line without a full stop. */
  readonly summary: string;
  /** CommonMark: what happens, what does not, what to do next. */
  readonly description: string;
  readonly query?: z.ZodObject;
  readonly headers?: readonly RequestHeader[];
  readonly body?: z.ZodType;
  /** Where the body may be left out. */
  readonly bodyOptional?: true;
  /** Of the body; `application/json` unless said otherwise. */
  readonly mediaType?: string;
  readonly successResponses: Readonly<Record<number, OperationResponse>>;
  /** Besides those that every route can answer and those that follow from its parts; see `problems-of.ts`. */
  readonly problems?: readonly ProblemCode[];
}
