import { EnvelopeError } from '../domain/security/envelope.js';

/** Lost or refused infrastructure: the same call can succeed later, nothing is wrong with the stored secret. */
export type KmsUnavailableCode =
  | 'throttled'
  | 'server_error'
  | 'timeout'
  | 'network'
  | 'access_denied'
  | 'key_disabled'
  | 'key_not_found'
  | 'bad_answer';

/** The stored secret itself is unusable, however often it is tried: tampering, or a restore from elsewhere. */
export type SecretUndecryptableCode = 'envelope' | 'ciphertext' | 'wrong_key';

/** Retryable. The message is constant, so nothing of the request can reach a log or a workflow history. */
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

/** Whoever we say we are may not: a cached key must not outlive that, so none of these may pass for an outage. */
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

/** No object: the name comes from outside, and `constructor` would be found in one. */
function byName<T>(codes: Record<string, T>): ReadonlyMap<string, T> {
  return new Map(Object.entries(codes));
}

interface ServiceError {
  readonly name?: unknown;
  readonly $metadata?: { httpStatusCode?: unknown };
}

/**
 * Sorts whatever a KMS call threw into the two classes. What is unknown counts as a network failure: retrying is safe,
 * giving up a customer's deliveries is not. Source: AWS KMS API reference, errors of Decrypt and GenerateDataKey, and those common to all actions.
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
