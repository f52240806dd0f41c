import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inspect } from 'node:util';
import { DatabaseError, type DatabaseErrorKind, toDatabaseError } from '../../../db/errors.js';

const failed = (code: string, more: object = {}) => Object.assign(new Error('value: canary'), { code, ...more });

describe('a failed statement is', () => {
  test.each<[string, DatabaseErrorKind]>([
    ['ECONNREFUSED', 'unavailable'],
    ['ECONNRESET', 'unavailable'],
    ['ETIMEDOUT', 'unavailable'],
    ['EAI_AGAIN', 'unavailable'],
    // It has the length of an SQLSTATE.
    ['EPIPE', 'unavailable'],
    ['08006', 'unavailable'],
    ['25006', 'unavailable'],
    ['25P03', 'unavailable'],
    ['53300', 'unavailable'],
    ['55P03', 'unavailable'],
    ['57014', 'unavailable'],
    ['57P01', 'unavailable'],
    ['58030', 'unavailable'],
    ['22P05', 'refused_value'],
    ['22P02', 'refused_value'],
    ['22003', 'refused_value'],
    ['54001', 'refused_value'],
    ['40001', 'contention'],
    ['40P01', 'contention'],
    ['23505', 'constraint'],
    ['23514', 'constraint'],
    ['28P01', 'misconfigured'],
    ['3D000', 'misconfigured'],
    ['42P01', 'misconfigured'],
    ['42501', 'misconfigured'],
    ['0A000', 'bug'],
    ['XX000', 'bug'],
  ])('%s: %s', (code, kind) => {
    expect(toDatabaseError(failed(code))).toMatchObject({ kind, code });
  });

  test.each<[string, DatabaseErrorKind]>([
    ['Connection terminated unexpectedly', 'unavailable'],
    ['timeout exceeded when trying to connect', 'unavailable'],
    ['Query read timeout', 'unavailable'],
    ['Cannot use a pool after calling end on the pool', 'unavailable'],
    ['There was an error establishing an SSL connection', 'unavailable'],
    ['The server does not support SSL connections', 'misconfigured'],
    ['SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string', 'misconfigured'],
    ['anything else', 'bug'],
  ])('%s: %s', (message, kind) => {
    expect(toDatabaseError(new Error(message)).kind).toBe(kind);
  });
});

describe('the DatabaseError', () => {
  test('is what drizzle hides in its cause', () => {
    const error = new Error('Failed query: insert … params: canary', {
      cause: failed('23505', { constraint: 'a_key' }),
    });
    expect(toDatabaseError(error)).toMatchObject({ kind: 'constraint', code: '23505', constraint: 'a_key' });
  });

  test('has no value in it, nor the error that had', () => {
    const more = { detail: 'Key (id)=(canary)', where: 'canary', constraint: 'Key (canary)', cause: failed('canary') };
    const told = toDatabaseError(failed('22P05', more));
    expect(inspect(told, { depth: 10, showHidden: true })).not.toContain('canary');
    expect(told).not.toHaveProperty('cause');
  });

  test('stays what it is when it is told again', () => {
    const error = new DatabaseError('contention', '40P01');
    expect(toDatabaseError(error)).toBe(error);
  });

  test.each([undefined, null, 'text', 5, {}])('is a bug for %p', (thrown) => {
    expect(toDatabaseError(thrown)).toMatchObject({ kind: 'bug', code: 'UNKNOWN' });
  });

  test('has a code of the closed form, for any code of the driver', () => {
    fc.assert(
      fc.property(fc.anything(), (code) => {
        expect(toDatabaseError({ code }).code).toMatch(/^[A-Z0-9_]{2,40}$/);
      }),
    );
  });
});
