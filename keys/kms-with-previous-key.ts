import { SecretUndecryptable } from './key-errors.js';
import { createKms, type Kms, type KmsOptions } from './kms.js';

export type KmsWithPreviousKeyOptions = KmsOptions & {
  /** The master key that `keyArn` replaces, while envelopes under it remain. */
  previousKeyArn?: string | undefined;
};

/**
 * KMS for whoever opens envelopes: also those that are still under the previous master key. Whoever seals must not use it: a
 * sibling under the previous key would pass on its data key, and the change would never end.
 */
export function createKmsWithPreviousKey({ previousKeyArn, ...options }: KmsWithPreviousKeyOptions): Kms {
  const current = createKms(options);
  if (previousKeyArn === undefined) return current;
  const previous = createKms({ ...options, keyArn: previousKeyArn });
  return {
    generateDataKey: current.generateDataKey,
    unwrapDataKey: (input) =>
      current.unwrapDataKey(input).catch((error: unknown) => {
        if (isWrongKeyError(error)) return previous.unwrapDataKey(input);
        throw error;
      }),
    close: () => {
      current.close();
      previous.close();
    },
  };
}

/** KMS, told which master key to use, says IncorrectKeyException for what another one wrapped. */
export const isWrongKeyError = (error: unknown): boolean =>
  error instanceof SecretUndecryptable && error.code === 'wrong_key';
