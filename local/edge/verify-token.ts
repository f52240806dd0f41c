import { verify, type KeyObject } from 'node:crypto';
import { UUID_PATTERN } from '../../domain/delivery/uuid.js';

export interface TokenRules {
  readonly publicKey: KeyObject;
  readonly kid: string;
  readonly issuer: string;
  readonly audience: string;
}

/**
 * Returns the account of a valid token, undefined for an invalid one. The verifier, not the token, determines the algorithm
 * (RFC 8725 §3.1): RS256 with the one key that `kid` names.
 */
export const verifyToken = (token: string, rules: TokenRules, nowSeconds: number): string | undefined => {
  const claims = readSignedClaims(token, rules);
  if (claims['iss'] !== rules.issuer || claims['aud'] !== rules.audience) return undefined;
  if (typeof claims['exp'] !== 'number' || claims['exp'] <= nowSeconds) return undefined;
  const account = claims['account_id'];
  const accountId = typeof account === 'string' ? account.toLowerCase() : '';
  return UUID_PATTERN.test(accountId) ? accountId : undefined;
};

/** Returns the claims of the token, or an empty object if the signature is not valid. */
const readSignedClaims = (token: string, { publicKey, kid }: TokenRules): Record<string, unknown> => {
  const [, head, body, signature] = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(token) ?? [];
  if (head === undefined || body === undefined || signature === undefined) return {};
  const { alg, kid: named } = decode(head);
  if (alg !== 'RS256' || named !== kid) return {};
  const valid = verify('sha256', Buffer.from(`${head}.${body}`), publicKey, Buffer.from(signature, 'base64url'));
  return valid ? decode(body) : {};
};

const decode = (part: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
};
