import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CONNECTION_ERROR_CODES } from '../../../domain/delivery/statuses.js';
import { toErrorCode } from '../../../outbound/error-code.js';

describe('toErrorCode', () => {
  test.each([
    ['EBLOCKED', 'blocked'],
    ['ENOTFOUND', 'dns'],
    ['ECONNREFUSED', 'refused'],
    ['ECONNRESET', 'reset'],
    ['EPIPE', 'reset'],
    ['ENETUNREACH', 'unreachable'],
    ['EHOSTUNREACH', 'unreachable'],
    ['ETIMEDOUT', 'timeout'],
    ['EPROTO', 'tls'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls'],
    ['CERT_HAS_EXPIRED', 'tls'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls'],
    ['HPE_HEADER_OVERFLOW', 'protocol'],
    ['ERR_STREAM_PREMATURE_CLOSE', 'network'],
    ['ESOMETHING', 'network'],
    ['valueOf', 'network'],
    ['constructor', 'network'],
  ])('%s is %s', (code, expected) => expect(toErrorCode(Object.assign(new Error(), { code }))).toBe(expected));

  test('SSRF-09 any thrown value becomes one of nine words', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.record({ code: fc.anything() })), (thrown) =>
        CONNECTION_ERROR_CODES.includes(toErrorCode(thrown)),
      ),
    );
  });
});
