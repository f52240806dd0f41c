/** Constant texts: an address or a name in them would map the inside for the author of the URL. */

export class DestinationBlockedError extends Error {
  override readonly name = 'DestinationBlockedError';
  readonly code = 'EBLOCKED';
  constructor() {
    super('destination not allowed');
  }
}

export class LookupFailedError extends Error {
  override readonly name = 'LookupFailedError';
  readonly code = 'ENOTFOUND';
  constructor() {
    super('name not resolved');
  }
}

/** The receiver's certificate is not valid, or not for this host. */
export class CertificateRefusedError extends Error {
  override readonly name = 'CertificateRefusedError';
  readonly code = 'ERR_TLS_CERTIFICATE_REFUSED';
  constructor() {
    super('certificate refused');
  }
}

/** What the receiver said is no answer to a request (RFC 9110, RFC 9112). */
export class InvalidAnswerError extends Error {
  override readonly name = 'InvalidAnswerError';
  readonly code = 'EINVALIDANSWER';
  constructor() {
    super('invalid answer');
  }
}

/** The connection was closed without an error of its own. */
export class ConnectionClosedError extends Error {
  override readonly name = 'ConnectionClosedError';
  readonly code = 'ECONNRESET';
  constructor() {
    super('connection closed');
  }
}
