import type { TemporalFailure } from '@temporalio/common';
import { CancelledFailure, ApplicationFailure } from '@temporalio/common';
import { DatabaseError } from '../db/errors.js';
import { safeErr } from '../domain/security/safe-error.js';
import { KmsUnavailable } from '../keys/key-errors.js';

/**
 * What an activity throws is stored in workflow history, with message, stack and the whole chain of causes. So everything
 * becomes a failure with a type and a constant message; Temporal repeats it, as nothing that is thrown is the receiver's.
 */
export function redactFailures<A extends unknown[], R>(
  activity: (...args: A) => Promise<R>,
  /** Told of what nobody foresaw, since Temporal is not. */
  report: (error: unknown) => void,
): (...args: A) => Promise<R> {
  return async (...args) => {
    try {
      return await activity(...args);
    } catch (error) {
      throw toFailure(error, report);
    }
  };
}

function toFailure(error: unknown, report: (error: unknown) => void): TemporalFailure {
  // Anew, without the details and causes that the one at hand may carry.
  if (error instanceof CancelledFailure) return new CancelledFailure('canceled');
  if (error instanceof KmsUnavailable) return failure('KmsUnavailable', `key service unavailable (${error.code})`);
  if (error instanceof DatabaseError) return failure('DatabaseUnavailable', `database ${error.kind} (${error.code})`);
  report(error);
  return failure('Unexpected', String(safeErr(error).code ?? 'see the log'));
}

const failure = (type: string, message: string) => ApplicationFailure.create({ type, message });
