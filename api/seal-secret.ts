import type { Database } from '../db/client.js';
import { findEnvelope } from '../db/webhooks/webhooks.js';
import type { SecretBox } from '../keys/secret-box.js';

export interface SecretToSeal {
  readonly accountId: string;
  readonly webhookId: string;
  /** Overwritten with zeros by the call. */
  readonly key: Buffer;
}

export type SealSecret = (secret: SecretToSeal) => Promise<Buffer>;

/** Seals outside of any transaction: a slow key service must not hold database connections. @throws KmsUnavailable */
export const createSealSecret =
  (db: Database, secrets: Pick<SecretBox, 'seal'>): SealSecret =>
  async ({ accountId, webhookId, key }) => {
    try {
      const siblingEnvelope = await findEnvelope(db, accountId);
      return await secrets.seal({ accountId, webhookId, secret: key, siblingEnvelope });
    } finally {
      key.fill(0);
    }
  };
