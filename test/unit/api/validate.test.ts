import { describe, expect, test } from '@jest/globals';
import type { Request } from 'express';
import { z } from 'zod';
import type { ProblemError } from '../../../api/problem-error.js';
import { parseBody, parseQuery } from '../../../api/validate.js';

const schema = z.strictObject({ name: z.string(), list: z.array(z.int()).default([]) });
const requestWith = (body: unknown, type: string | false | null = 'application/json') =>
  ({ body, query: body, is: () => type }) as unknown as Request;
const refused = (body: unknown, type?: string | false | null): ProblemError => {
  try {
    parseBody(requestWith(body, type), schema);
  } catch (error) {
    return error as ProblemError;
  }
  throw new Error('it was expected to throw');
};

describe('a body', () => {
  test('is parsed, with defaults', () => {
    expect(parseBody(requestWith({ name: 'x' }), schema)).toEqual({ name: 'x', list: [] });
  });

  test('of another media type is not looked at', () => {
    expect(refused({ name: 'x' }, false).problem).toBe('unsupported_media_type');
  });

  test('that is wrong is described by places and rules, without any of its values or keys', () => {
    const error = refused({ name: 7, list: [1, 'canary'], canary: 1 });
    expect(error.problem).toBe('invalid_request');
    expect(error.errors).toEqual([
      { pointer: '/name', code: 'type' },
      { pointer: '/list/1', code: 'type' },
      { pointer: '', code: 'unknown_key' },
    ]);
    expect(error.message).not.toContain('canary');
  });

  test('that is wrong in a hundred places is described by twenty', () => {
    expect(refused({ name: 'x', list: Array<string>(100).fill('x') }).errors).toHaveLength(20);
  });

  test('that is absent has the wrong type', () => {
    expect(refused(undefined, null).errors).toEqual([{ pointer: '', code: 'type' }]);
  });
});

test('a query is held against its schema in the same way', () => {
  expect(() => parseQuery(requestWith({ name: ['a', 'b'] }), schema)).toThrow('invalid_request');
});
