import { createHmac, generateKeyPairSync, sign } from 'node:crypto';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

export const KEY_ID = 'idp-2026-10';
export const ISSUER = 'https://idp.example.com/';
export const AUDIENCE = 'webhooks-api';
export const ACCOUNT = '0190a1b2-0000-7000-8000-00000000000a';
export const OTHER_ACCOUNT = '0190a1b2-0000-7000-8000-00000000000b';

export interface TokenParts {
  readonly head?: Record<string, unknown>;
  readonly claims?: Record<string, unknown>;
  /** Taken as it is in place of the claims. */
  readonly payload?: string;
  readonly by?: 'idp' | 'stranger' | 'nobody' | 'public key as secret';
}

/** A key pair that the edge knows, one that it does not, and every wrong way to use them. Times are seconds since 1970. */
export function createIdentityProvider(now: number) {
  const pair = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
  const [idp, stranger] = [pair(), pair()];
  const publicKey = idp.publicKey.export({ type: 'spki', format: 'pem' }).toString();

  const signatureOf = (signed: string, by: NonNullable<TokenParts['by']>): string => {
    if (by === 'nobody') return '';
    if (by === 'public key as secret') return createHmac('sha256', publicKey).update(signed).digest('base64url');
    const { privateKey } = by === 'idp' ? idp : stranger;
    return sign('sha256', Buffer.from(signed), privateKey).toString('base64url');
  };

  const token = ({ head, claims, payload, by = 'idp' }: TokenParts = {}): string => {
    const defaults = { iss: ISSUER, aud: AUDIENCE, account_id: ACCOUNT, exp: now + 600 };
    const body = payload ?? encode({ ...defaults, ...claims });
    const signed = `${encode({ alg: 'RS256', typ: 'JWT', kid: KEY_ID, ...head })}.${body}`;
    return `${signed}.${signatureOf(signed, by)}`;
  };
  return { publicKey, token, now };
}

export type IdentityProvider = ReturnType<typeof createIdentityProvider>;
