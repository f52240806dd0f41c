import type { Request } from 'express';
import type { FieldRule } from '../contracts/field-rules.js';
import type { FieldProblem } from '../contracts/problem.js';
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
const CODES: Readonly<Record<string, FieldRule>> = {
  invalid_type: 'type',
  too_small: 'too_small',
  too_big: 'too_big',
  invalid_format: 'format',
  invalid_value: 'value',
  unrecognized_keys: 'unknown_key',
  custom: 'rule',
};

/** RFC 6901. Paths name our own fields and positions only: no schema has free keys. */
const pointerOf = (path: readonly PropertyKey[]) => path.map((part) => `/${String(part)}`).join('');

function parsed<T>(schema: Schema<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.map(({ code, path }): FieldProblem => ({
    pointer: pointerOf(path),
    code: CODES[code ?? ''] ?? 'rule',
  }));
  throw new ProblemError('invalid_request', errors.slice(0, 20));
}

/** @throws ProblemError `unsupported_media_type` or `invalid_request` */
export function bodyOf<T>(request: Request, schema: Schema<T>): T {
  if (request.is('application/json') === false) throw new ProblemError('unsupported_media_type');
  return parsed(schema, request.body);
}

/** @throws ProblemError `invalid_request` */
export const queryOf = <T>(request: Request, schema: Schema<T>): T => parsed(schema, request.query);
