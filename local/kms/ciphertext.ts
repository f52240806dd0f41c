import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { KmsError } from './kms-error.js';
import type { MasterKey } from './key-store.js';

/** Authenticated with the ciphertext. Decryption needs the same context. */
export type EncryptionContext = Readonly<Record<string, string>>;

// version (1) | key id (16) | nonce (12) | tag (16) | ciphertext
const VERSION = 1;
const [NONCE_AT, TAG_AT, BODY_AT] = [17, 29, 45];

/** Encrypts under a master key: AES-256-GCM with key and encryption context as additional data. */
export const sealBlob = (key: MasterKey, plaintext: Buffer, context: EncryptionContext): Buffer => {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key.keyMaterial, nonce);
  cipher.setAAD(additionalData(key, context));
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const id = Buffer.from(key.id.replaceAll('-', ''), 'hex');
  return Buffer.concat([Buffer.from([VERSION]), id, nonce, cipher.getAuthTag(), body]);
};

/** Reads the id of the master key from a blob. @throws KmsError InvalidCiphertextException for an invalid blob. */
export const keyIdOfBlob = (blob: Buffer): string => {
  if (blob.length < BODY_AT || blob[0] !== VERSION) throw new KmsError('InvalidCiphertextException');
  const hex = blob.subarray(1, NONCE_AT).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};

/**
 * Decrypts.
 * @throws KmsError InvalidCiphertextException for a changed blob and for a different context alike, as AWS does.
 */
export const openBlob = (key: MasterKey, blob: Buffer, context: EncryptionContext): Buffer => {
  const decipher = createDecipheriv('aes-256-gcm', key.keyMaterial, blob.subarray(NONCE_AT, TAG_AT), {
    authTagLength: 16,
  });
  decipher.setAAD(additionalData(key, context));
  decipher.setAuthTag(blob.subarray(TAG_AT, BODY_AT));
  try {
    return Buffer.concat([decipher.update(blob.subarray(BODY_AT)), decipher.final()]);
  } catch {
    throw new KmsError('InvalidCiphertextException');
  }
};

// The order of the pairs is not part of the context.
const additionalData = (key: MasterKey, context: EncryptionContext): Buffer => {
  const pairs = Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.from(JSON.stringify([key.id, pairs]));
};
