import { verify, type KeyObject } from 'node:crypto';
import { UUID_PATTERN } from '../../domain/delivery/uuid.js';

export interface TokenRules {
  readonly publicKey: KeyObject;
  readonly kid: string;
  readonly issuer: string;
  readonly audience: string;
}

/**
 * The account of a valid token, undefined for any other. The algorithm is ours to choose, not the token's (RFC 8725 §3.1):
 * RS256 with the one key that `kid` names.
 */
export const verifyToken = (token: string, rules: TokenRules, nowSeconds: number): string | undefined => {
  const claims = signedClaims(token, rules);
  if (claims['iss'] !== rules.issuer || claims['aud'] !== rules.audience) return undefined;
  if (typeof claims['exp'] !== 'number' || claims['exp'] <= nowSeconds) return undefined;
  const account = claims['account_id'];
  const accountId = typeof account === 'string' ? account.toLowerCase() : '';
  return UUID_PATTERN.test(accountId) ? accountId : undefined;
};

/** What the token claims, nothing when the signature is not ours. */
const signedClaims = (token: string, { publicKey, kid }: TokenRules): Record<string, unknown> => {
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
