import { SecretUndecryptable } from './key-errors.js';
import { createKms, type Kms, type KmsOptions } from './kms.js';

export type KmsWithPreviousKeyOptions = KmsOptions & {
  /** The master key that `keyArn` replaces, while envelopes under it remain. */
  previousKeyArn?: string | undefined;
};

/**
 * Connects to KMS to open envelopes under the current and under the previous master key. Not for sealing: a new envelope would
 * take over the data key of a sibling under the previous master key, and the change of the key would never end.
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

/** KMS answers IncorrectKeyException when another master key than the named one wrapped the data key. */
export const isWrongKeyError = (error: unknown): boolean =>
  error instanceof SecretUndecryptable && error.code === 'wrong_key';
