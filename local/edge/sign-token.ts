import { sign, type KeyObject } from 'node:crypto';

/** Claims of the identity provider about the bearer. Times are seconds since 1970. */
export interface TokenClaims {
  readonly iss: string;
  readonly aud: string;
  readonly account_id: string;
  readonly exp: number;
}

/** Creates a JSON Web Token (RFC 7519) in compact form, signed with RS256 (RFC 7518 §3.3). */
export const signToken = (claims: TokenClaims, { kid, privateKey }: { kid: string; privateKey: KeyObject }): string => {
  const head = encode({ alg: 'RS256', typ: 'JWT', kid });
  const signed = `${head}.${encode(claims)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
};

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
