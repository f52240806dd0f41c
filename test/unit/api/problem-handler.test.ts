import { describe, expect, test } from '@jest/globals';
import { ProblemError } from '../../../api/problem-error.js';
import { classifyRequestError } from '../../../api/problem-handler.js';
import { PROBLEMS, buildProblem, problemSchema, type ProblemCode } from '../../../contracts/rest/problem.js';
import { DatabaseError } from '../../../db/errors.js';
import { KmsUnavailable, SecretUndecryptable } from '../../../keys/key-errors.js';

const CANARY = 'whsec_canary';

describe('which problem an error is', () => {
  test.each<[string, unknown, ProblemCode]>([
    ['said by us', new ProblemError('identity_missing'), 'identity_missing'],
    ['key service away', new KmsUnavailable('timeout'), 'unavailable'],
    ['a damaged envelope', new SecretUndecryptable('envelope'), 'internal_error'],
    ['database away', new DatabaseError('unavailable', 'ECONNREFUSED'), 'unavailable'],
    ['a deadlock', new DatabaseError('contention', '40P01'), 'unavailable'],
    [
      'the eleventh webhook',
      new DatabaseError('constraint', '23514', 'webhook_configs_max_10_per_account'),
      'webhook_limit_reached',
    ],
    ['another constraint', new DatabaseError('constraint', '23514', 'webhook_configs_status'), 'internal_error'],
    ['a value PostgreSQL has not', new DatabaseError('refused_value', '22P05'), 'invalid_request'],
    ['a wrong statement', new DatabaseError('bug', '42601'), 'internal_error'],
    ['too large', { type: 'entity.too.large', status: 413 }, 'payload_too_large'],
    ['a wrong charset', { type: 'charset.unsupported', status: 415 }, 'unsupported_media_type'],
    ['broken JSON', { type: 'entity.parse.failed', status: 400, body: CANARY }, 'malformed_request'],
    ['a bug', new TypeError(CANARY), 'internal_error'],
    ['something thrown', CANARY, 'internal_error'],
    ['nothing thrown', null, 'internal_error'],
  ])('%s', (_name, error, code) => {
    const verdict = classifyRequestError(error);
    expect(verdict.code).toBe(code);
    expect(JSON.stringify(verdict)).not.toContain(CANARY);
  });

  test('places of wrong values travel with it', () => {
    const errors = [{ pointer: '/url', code: 'url_port' as const }];
    expect(classifyRequestError(new ProblemError('invalid_request', errors))).toEqual({
      code: 'invalid_request',
      errors,
    });
  });
});

test.each(Object.keys(PROBLEMS) as ProblemCode[])('%s is as RFC 9457 and the contract say', (code) => {
  const problem = problemSchema.parse(buildProblem(code, { requestId: 'r-1' }));
  expect(problem.type).toBe(`/docs/problems#${code}`);
  expect(problem.status).toBe(PROBLEMS[code].status);
});
