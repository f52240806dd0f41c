import { EnvelopeError } from '../domain/security/envelope.js';

/** KMS is unavailable or refuses: the same call may succeed later, and the stored secret is intact. */
export type KmsUnavailableCode =
  | 'throttled'
  | 'server_error'
  | 'timeout'
  | 'network'
  | 'access_denied'
  | 'key_disabled'
  | 'key_not_found'
  | 'bad_answer';

/** The stored secret is unusable and no retry succeeds: it was tampered with, or restored from another system. */
export type SecretUndecryptableCode = 'envelope' | 'ciphertext' | 'wrong_key';

/** Retryable. The message is constant, so that no part of the request can reach a log or a workflow history. */
export class KmsUnavailable extends Error {
  override readonly name = 'KmsUnavailable';
  readonly code: KmsUnavailableCode;
  constructor(code: KmsUnavailableCode) {
    super('key service unavailable');
    this.code = code;
  }
}

/** Not retryable. The message is constant. */
export class SecretUndecryptable extends Error {
  override readonly name = 'SecretUndecryptable';
  readonly code: SecretUndecryptableCode;
  constructor(code: SecretUndecryptableCode) {
    super('secret cannot be decrypted');
    this.code = code;
  }
}

export type KeyError = KmsUnavailable | SecretUndecryptable;

const isKeyError = (error: unknown): error is KeyError =>
  error instanceof KmsUnavailable || error instanceof SecretUndecryptable;

/** KMS refuses our identity. A cached key must not be used after that, so none of these may count as an outage. */
function refusals(...lines: string[]): Record<string, KmsUnavailableCode> {
  return Object.fromEntries(lines.flatMap((line) => line.split(' ').map((name) => [name, 'access_denied'])));
}

const UNAVAILABLE = byName<KmsUnavailableCode>({
  ThrottlingException: 'throttled',
  Throttling: 'throttled',
  TooManyRequestsException: 'throttled',
  LimitExceededException: 'throttled',
  KMSInternalException: 'server_error',
  DependencyTimeoutException: 'server_error',
  KeyUnavailableException: 'server_error',
  InternalFailure: 'server_error',
  ServiceUnavailable: 'server_error',
  TimeoutError: 'timeout',
  AbortError: 'timeout',
  RequestTimeout: 'timeout',
  ...refusals(
    'AccessDeniedException NotAuthorized OptInRequired InvalidGrantTokenException InvalidKeyUsageException',
    'UnrecognizedClientException InvalidClientTokenId MissingAuthenticationToken ExpiredTokenException RequestExpired',
    'InvalidSignatureException IncompleteSignature SignatureDoesNotMatch',
  ),
  DisabledException: 'key_disabled',
  KMSInvalidStateException: 'key_disabled',
  NotFoundException: 'key_not_found',
});

const UNDECRYPTABLE = byName<SecretUndecryptableCode>({
  InvalidCiphertextException: 'ciphertext',
  IncorrectKeyException: 'wrong_key',
});

/** A Map, not an object: the name comes from outside, and an object would have a value for `constructor`. */
function byName<T>(codes: Record<string, T>): ReadonlyMap<string, T> {
  return new Map(Object.entries(codes));
}

interface ServiceError {
  readonly name?: unknown;
  readonly $metadata?: { httpStatusCode?: unknown };
}

/**
 * Converts any error of a KMS call to one of the two classes. An unknown error counts as a network failure: a retry is safe,
 * giving up a customer's deliveries is not. Source: AWS KMS API reference, errors of Decrypt and GenerateDataKey, and common
 * errors of all actions.
 */
export function toKeyError(error: unknown): KeyError {
  if (isKeyError(error)) return error;
  if (error instanceof EnvelopeError) return new SecretUndecryptable('envelope');
  const { name, $metadata } = (typeof error === 'object' && error !== null ? error : {}) as ServiceError;
  const known = typeof name === 'string' ? name : '';
  const undecryptable = UNDECRYPTABLE.get(known);
  if (undecryptable !== undefined) return new SecretUndecryptable(undecryptable);
  const status = $metadata?.httpStatusCode;
  const fallback = typeof status === 'number' && status >= 500 ? 'server_error' : 'network';
  return new KmsUnavailable(UNAVAILABLE.get(known) ?? fallback);
}
