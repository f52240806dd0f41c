/** All that is ever told about a failed connection. Closed, so neither a row nor an answer carries an address. */
export const ERROR_CODES = [
  'timeout',
  'dns',
  'blocked',
  'refused',
  'reset',
  'unreachable',
  'tls',
  'protocol',
  'network',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

const BY_CODE: Readonly<Record<string, ErrorCode>> = {
  EBLOCKED: 'blocked',
  ENOTFOUND: 'dns',
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ENETUNREACH: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  ETIMEDOUT: 'timeout',
  EINVALIDANSWER: 'protocol',
  EPROTO: 'tls',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls',
  UNABLE_TO_GET_ISSUER_CERT: 'tls',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls',
  INVALID_CA: 'tls',
  INVALID_PURPOSE: 'tls',
  HOSTNAME_MISMATCH: 'tls',
};
const BY_PREFIX: ReadonlyArray<readonly [string, ErrorCode]> = [
  ['HPE_', 'protocol'],
  ['ERR_TLS_', 'tls'],
  ['ERR_SSL_', 'tls'],
  ['CERT_', 'tls'],
];

/** node-fetch wraps, happy eyeballs aggregates: the code of the first cause that has one counts. */
function codeOf(error: unknown): string {
  const { code } = (typeof error === 'object' && error !== null ? error : {}) as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

/** Reduces whatever a request threw to one of the closed codes. The error's text is never looked at. */
export function toErrorCode(error: unknown): ErrorCode {
  const code = codeOf(error);
  return BY_CODE[code] ?? BY_PREFIX.find(([prefix]) => code.startsWith(prefix))?.[1] ?? 'network';
}
