import type { TemporalFailure } from '@temporalio/common';
import { CancelledFailure, ApplicationFailure } from '@temporalio/common';
import { DatabaseError } from '../db/errors.js';
import { KmsUnavailable } from '../keys/key-errors.js';

/**
 * What an activity throws is stored in workflow history, with message, stack and the whole chain of causes. So everything
 * becomes a failure with a type and a constant message; Temporal repeats it, as nothing that is thrown is the receiver's.
 */
export function safely<A extends unknown[], R>(activity: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
  return async (...args) => {
    try {
      return await activity(...args);
    } catch (error) {
      throw toFailure(error);
    }
  };
}

function toFailure(error: unknown): TemporalFailure {
  if (error instanceof CancelledFailure || error instanceof ApplicationFailure) return error;
  const [type, message] = describe(error);
  return ApplicationFailure.create({ type, message });
}

function describe(error: unknown): [type: string, message: string] {
  if (error instanceof KmsUnavailable) return ['KmsUnavailable', `key service unavailable (${error.code})`];
  if (error instanceof DatabaseError) return ['DatabaseUnavailable', `database ${error.kind} (${error.code})`];
  const code = (error as { code?: unknown } | null)?.code;
  return ['Unexpected', typeof code === 'string' && /^[A-Z0-9_]{1,40}$/.test(code) ? code : 'see the log'];
}
