import type { KeyObject } from 'node:crypto';
import { EnvelopeError, sealSecret, withSecret, type OpenInput } from '../domain/security/envelope.js';
import type { DataKeys } from './data-keys.js';
import { SecretUndecryptable } from './key-errors.js';

export interface SealRequest {
  readonly accountId: string;
  readonly webhookId: string;
  /** HMAC key bytes. The caller keeps and wipes its own buffer. */
  readonly secret: Buffer;
  /** Any other envelope of the account, so that the account keeps one data key. */
  readonly siblingEnvelope?: Buffer | undefined;
}

/** All functions throw only `KmsUnavailable` (retry later) or `SecretUndecryptable` (no retry succeeds). */
export interface SecretBox {
  readonly seal: (request: SealRequest) => Promise<Buffer>;
  /** May call KMS (up to two seconds), so it runs before the timeout of a delivery's request starts. */
  readonly openKey: (envelope: Buffer, accountId: string) => Promise<KeyObject>;
  /** Synchronous: the plaintext exists only while `use` runs and is overwritten with zeros afterwards. */
  readonly withSecret: <T>(input: OpenInput, use: (secret: Buffer) => T) => T;
}

/** Seals and opens webhook secrets under the data keys of their accounts. The plaintext is never cached. */
export function createSecretBox({ dataKeys }: { dataKeys: DataKeys }): SecretBox {
  return {
    async seal({ accountId, webhookId, secret, siblingEnvelope }) {
      const { key, wrappedKey, day } = await dataKeys.loadKeyForSealing({ accountId, sibling: siblingEnvelope });
      return sealSecret({ dataKey: key, dataKeyDay: day, wrappedKey, accountId, webhookId, secret });
    },
    openKey: (envelope, accountId) => dataKeys.loadKeyForOpening({ accountId, envelope }),
    withSecret(input, use) {
      try {
        return withSecret(input, use);
      } catch (error) {
        throw error instanceof EnvelopeError ? new SecretUndecryptable('envelope') : error;
      }
    },
  };
}
