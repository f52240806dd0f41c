import type { Request } from 'express';
import type { FieldRule } from '../contracts/rest/field-rules.js';
import type { FieldProblem } from '../contracts/rest/problem.js';
import { ProblemError } from './problem-error.js';

interface Issue {
  readonly code?: string;
  readonly path: readonly PropertyKey[];
}

/** The part of a zod schema that this file uses. */
export interface Schema<T> {
  readonly safeParse: (
    value: unknown,
  ) => { success: true; data: T } | { success: false; error: { issues: readonly Issue[] } };
}

/** Constant codes. zod's own messages repeat keys of the request and, with some options, values. */
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

/** Inside these fields the customer chooses the keys. */
const CUSTOMER_KEYED_FIELDS = ['metadata', 'data'];

/** RFC 6901. A pointer names positions and fields of the contract only: a key that the customer chose counts as a value. */
function buildJsonPointer(path: readonly PropertyKey[]): string {
  const customerFieldAt = path.findIndex((part) => CUSTOMER_KEYED_FIELDS.includes(String(part)));
  const publicPath = customerFieldAt === -1 ? path : path.slice(0, customerFieldAt + 1);
  return publicPath.map((part) => `/${String(part)}`).join('');
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

/** Like `parseBody`. A missing body counts as an empty object. */
export function parseOptionalBody<T>(request: Request, schema: Schema<T>): T {
  const hasNoBody = request.get('Content-Length') === '0' || request.is(JSON_TYPE) === null;
  return hasNoBody ? parseOrThrow(schema, {}) : parseBody(request, schema);
}

/** @throws ProblemError `invalid_request` */
export const parseQuery = <T>(request: Request, schema: Schema<T>): T => parseOrThrow(schema, request.query);
