import type { AttemptErrorCode } from '../../../../domain/delivery/statuses.js';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decideOutcome } from '../../../../domain/delivery/outcome.js';
import { CONNECTION_ERROR_CODES } from '../../../../domain/delivery/statuses.js';

describe('what an answer means', () => {
  test.each([
    [200, { kind: 'delivered', status: 200 }],
    [201, { kind: 'delivered', status: 201 }],
    [204, { kind: 'delivered', status: 204 }],
    [299, { kind: 'delivered', status: 299 }],
    [199, { kind: 'retry', code: 'http_error', status: 199 }],
    [300, { kind: 'retry', code: 'redirect', status: 300 }],
    [301, { kind: 'retry', code: 'redirect', status: 301 }],
    [307, { kind: 'retry', code: 'redirect', status: 307 }],
    [399, { kind: 'retry', code: 'redirect', status: 399 }],
    [400, { kind: 'retry', code: 'http_error', status: 400 }],
    [401, { kind: 'retry', code: 'http_error', status: 401 }],
    [404, { kind: 'retry', code: 'http_error', status: 404 }],
    [409, { kind: 'retry', code: 'http_error', status: 409 }],
    [410, { kind: 'giveUp', reason: 'endpoint_gone', code: 'gone', status: 410 }],
    [429, { kind: 'retry', code: 'http_error', status: 429 }],
    [500, { kind: 'retry', code: 'http_error', status: 500 }],
    [503, { kind: 'retry', code: 'http_error', status: 503 }],
    [599, { kind: 'retry', code: 'http_error', status: 599 }],
  ])('%i', (status, expected) => {
    expect(decideOutcome({ kind: 'response', status })).toEqual(expected);
  });

  test.each(CONNECTION_ERROR_CODES)('no answer (%s) is tried again', (code: AttemptErrorCode) => {
    expect(decideOutcome({ kind: 'error', code })).toEqual({ kind: 'retry', code });
  });

  test('keeps what the receiver asked for, for retries only', () => {
    const asked = { kind: 'response', retryAfterMs: 7_000 } as const;
    expect(decideOutcome({ ...asked, status: 503 })).toMatchObject({ kind: 'retry', retryAfterMs: 7_000 });
    expect(decideOutcome({ ...asked, status: 302 })).toMatchObject({ kind: 'retry', retryAfterMs: 7_000 });
    expect(decideOutcome({ ...asked, status: 200 })).toEqual({ kind: 'delivered', status: 200 });
  });

  test('is delivered for 2xx and for nothing else', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 999 }), (status) => {
        const { kind } = decideOutcome({ kind: 'response', status });
        expect(kind === 'delivered').toBe(status >= 200 && status < 300);
      }),
    );
  });
});
