import type { Request } from 'express';
import type { FieldRule } from '../contracts/rest/field-rules.js';
import type { FieldProblem } from '../contracts/rest/problem.js';
import { ProblemError } from './problem-error.js';

interface Issue {
  readonly code?: string;
  readonly path: readonly PropertyKey[];
}

/** The part of a zod schema that is used here. */
export interface Schema<T> {
  readonly safeParse: (
    value: unknown,
  ) => { success: true; data: T } | { success: false; error: { issues: readonly Issue[] } };
}

/** Constant codes: zod's own messages repeat keys, and with the wrong option values. */
const FIELD_RULE_BY_ZOD_CODE: Readonly<Record<string, FieldRule>> = {
  invalid_type: 'type',
  invalid_key: 'key',
  too_small: 'too_small',
  too_big: 'too_big',
  invalid_format: 'format',
  invalid_value: 'value',
  unrecognized_keys: 'unknown_key',
  custom: 'rule',
};

/** Below these the keys are the customer's own. */
const CUSTOMER_KEYED_FIELDS = ['metadata', 'data'];

/** RFC 6901. Paths name our own fields and positions only: a key that somebody chose is a value. */
function buildJsonPointer(path: readonly PropertyKey[]): string {
  const free = path.findIndex((part) => CUSTOMER_KEYED_FIELDS.includes(String(part)));
  const own = free === -1 ? path : path.slice(0, free + 1);
  return own.map((part) => `/${String(part)}`).join('');
}

function parseOrThrow<T>(schema: Schema<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.map(({ code, path }): FieldProblem => ({
    pointer: buildJsonPointer(path),
    code: FIELD_RULE_BY_ZOD_CODE[code ?? ''] ?? 'rule',
  }));
  throw new ProblemError('invalid_request', errors.slice(0, 20));
}

const JSON_TYPE = ['application/json'];

/** @throws ProblemError `unsupported_media_type` or `invalid_request` */
export function parseBody<T>(request: Request, schema: Schema<T>, types: readonly string[] = JSON_TYPE): T {
  if (request.is([...types]) === false) throw new ProblemError('unsupported_media_type');
  return parseOrThrow(schema, request.body);
}

/** As `bodyOf`, where no body at all says the same as an empty object. */
export function parseOptionalBody<T>(request: Request, schema: Schema<T>): T {
  const none = request.get('Content-Length') === '0' || request.is(JSON_TYPE) === null;
  return none ? parseOrThrow(schema, {}) : parseBody(request, schema);
}

/** @throws ProblemError `invalid_request` */
export const parseQuery = <T>(request: Request, schema: Schema<T>): T => parseOrThrow(schema, request.query);
