import { describe, expect, test } from '@jest/globals';
import {
  ApplicationFailure,
  CancelledFailure,
  defaultFailureConverter,
  defaultPayloadConverter,
} from '@temporalio/common';
import { redactFailures } from '../../../activities/redact-failures.js';
import { DatabaseError } from '../../../db/errors.js';
import { KmsUnavailable } from '../../../keys/key-errors.js';

const CANARY = '+999000000001 secret';

async function fail(error: unknown) {
  const reported: unknown[] = [];
  const activity = redactFailures(
    () => Promise.reject(error as Error),
    (what) => void reported.push(what),
  );
  const thrown: unknown = await activity().catch((failure: unknown) => failure);
  return { thrown, reported };
}

/** The failure as Temporal would store it. */
const storedOf = (thrown: unknown) =>
  JSON.stringify(defaultFailureConverter.errorToFailure(thrown, defaultPayloadConverter));

describe('what an activity throws is', () => {
  test.each<[string, unknown, string, string]>([
    ['the key service', new KmsUnavailable('throttled'), 'KmsUnavailable', 'key service unavailable (throttled)'],
    ['the database', new DatabaseError('unavailable', '57P01'), 'DatabaseUnavailable', 'database unavailable (57P01)'],
    ['the broker', Object.assign(new Error(CANARY), { code: 'TIMEOUT' }), 'Unexpected', 'TIMEOUT'],
    ['a bug', new TypeError(CANARY, { cause: new Error(CANARY) }), 'Unexpected', 'see the log'],
    ['a bug with a telling code', Object.assign(new Error('x'), { code: CANARY }), 'Unexpected', 'see the log'],
    ['no error at all', CANARY, 'Unexpected', 'see the log'],
    ['nothing', undefined, 'Unexpected', 'see the log'],
  ])('a failure with a constant message: %s', async (_, error, type, message) => {
    const { thrown } = await fail(error);
    expect(thrown).toMatchObject({ name: 'ApplicationFailure', type, message, nonRetryable: false });
    expect(thrown).not.toHaveProperty('cause.message');
    expect(storedOf(thrown)).not.toContain(CANARY);
  });

  test('reported when it is unexpected, because Temporal gets no details of it', async () => {
    const bug = new TypeError('x');
    expect((await fail(bug)).reported).toEqual([bug]);
    expect((await fail(new KmsUnavailable('timeout'))).reported).toEqual([]);
    expect((await fail(new DatabaseError('unavailable', 'X'))).reported).toEqual([]);
  });

  test('a cancellation still when it was one, without what came with it', async () => {
    const { thrown } = await fail(new CancelledFailure(CANARY, [CANARY], new Error(CANARY)));
    expect(thrown).toMatchObject({ name: 'CancelledFailure' });
    expect(storedOf(thrown)).not.toContain(CANARY);
  });

  test('never a failure that the code below composed', async () => {
    const { thrown } = await fail(ApplicationFailure.nonRetryable(CANARY, 'type', CANARY));
    expect(thrown).toMatchObject({ name: 'ApplicationFailure', type: 'Unexpected', nonRetryable: false });
    expect(storedOf(thrown)).not.toContain(CANARY);
  });
});

test('what an activity answers is its answer', async () => {
  const activity = redactFailures(
    (n: number) => Promise.resolve(n + 1),
    () => undefined,
  );
  expect(await activity(1)).toBe(2);
});
