import type { ConnectionErrorCode } from '../domain/delivery/statuses.js';

/** A Map, because a plain object would also answer for `constructor` and the like. */
const BY_CODE: ReadonlyMap<string, ConnectionErrorCode> = new Map(
  Object.entries({
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
  } satisfies Record<string, ConnectionErrorCode>),
);
const BY_PREFIX: ReadonlyArray<readonly [string, ConnectionErrorCode]> = [
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

/** Reduces the error of a request to one of the closed codes. The error's text is never read. */
export function toErrorCode(error: unknown): ConnectionErrorCode {
  const code = codeOf(error);
  return BY_CODE.get(code) ?? BY_PREFIX.find(([prefix]) => code.startsWith(prefix))?.[1] ?? 'network';
}
