import type { TemporalFailure } from '@temporalio/common';
import { CancelledFailure, ApplicationFailure } from '@temporalio/common';
import { DatabaseError } from '../db/errors.js';
import { safeErr } from '../domain/security/safe-error.js';
import { KmsUnavailable } from '../keys/key-errors.js';

/**
 * Replaces an activity's errors with failures that hold a type and a constant message only. Workflow history stores a failure
 * with its message, stack and causes, and these may contain customer data. Temporal retries all of them: a receiver's failure
 * is a returned value, never an error.
 */
export function redactFailures<A extends unknown[], R>(
  activity: (...args: A) => Promise<R>,
  /** Called with unexpected errors, because Temporal gets no details of them. */
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
  // A new failure: the caught one may carry details and causes.
  if (error instanceof CancelledFailure) return new CancelledFailure('canceled');
  if (error instanceof KmsUnavailable)
    return createFailure('KmsUnavailable', `key service unavailable (${error.code})`);
  if (error instanceof DatabaseError)
    return createFailure('DatabaseUnavailable', `database ${error.kind} (${error.code})`);
  report(error);
  return createFailure('Unexpected', String(safeErr(error).code ?? 'see the log'));
}

const createFailure = (type: string, message: string) => ApplicationFailure.create({ type, message });
