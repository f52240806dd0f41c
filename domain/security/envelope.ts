import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  randomBytes,
  timingSafeEqual,
  type KeyObject,
} from 'node:crypto';
import { UUID_PATTERN } from '../delivery/uuid.js';

/*
 * Envelope version 1, the content of secret_enc. Integers are big endian.
 *
 *    0   4  magic "WHS1"
 *    4   1  suite 01: AES-256-GCM, 96-bit nonce, 128-bit tag, HMAC-SHA256 key commitment
 *    5   2  day of the data key, days since 1970-01-01
 *    7  32  key commitment
 *   39   2  W, length of the wrapped data key, 1…6144 (the limit of KMS)
 *   41   W  wrapped data key          — everything up to here is the header
 *       12  nonce
 *        N  ciphertext, 1…1024
 *       16  tag
 *
 * The additional authenticated data is a label, the header, and the raw account and webhook ids: an envelope opens only in its
 * own row.
 */
const MAGIC = Buffer.from('WHS1', 'latin1');
const SUITE = 0x01;
const AT = { suite: 4, day: 5, commitment: 7, wrappedLength: 39, wrapped: 41 } as const;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const MAX_WRAPPED_BYTES = 6144;
const MAX_SECRET_BYTES = 1024;
const MAX_DAY = 0xffff;
const CIPHER = 'aes-256-gcm';
const AAD_LABEL = Buffer.from('hook.webhook_configs.secret_enc\0', 'latin1');
const COMMITMENT_LABEL = 'hook/secret_enc/dek-commitment/v1';

export interface EnvelopeIds {
  readonly accountId: string;
  readonly webhookId: string;
}

export interface Envelope {
  readonly header: Buffer;
  readonly dataKeyDay: number;
  readonly commitment: Buffer;
  readonly wrappedKey: Buffer;
  readonly nonce: Buffer;
  readonly ciphertext: Buffer;
  readonly tag: Buffer;
}

/** One error for every failed check. The name of the check would be an oracle for an attacker with write access to the row. */
export class EnvelopeError extends Error {
  override readonly name = 'EnvelopeError';
  constructor() {
    super('secret envelope rejected');
  }
}

function ensure(condition: boolean): asserts condition {
  if (!condition) throw new EnvelopeError();
}

function rawUuid(id: string): Buffer {
  ensure(UUID_PATTERN.test(id));
  return Buffer.from(id.replaceAll('-', ''), 'hex');
}

const additionalData = (header: Buffer, { accountId, webhookId }: EnvelopeIds) =>
  Buffer.concat([AAD_LABEL, header, rawUuid(accountId), rawUuid(webhookId)]);

/**
 * Binds an envelope to one data key. GCM alone is not key-committing: without the commitment an attacker can craft a ciphertext
 * that opens under two keys.
 */
export function commitmentOf(dataKey: KeyObject): Buffer {
  return createHmac('sha256', dataKey).update(COMMITMENT_LABEL).digest();
}

export type SealInput = EnvelopeIds & {
  dataKey: KeyObject;
  dataKeyDay: number;
  wrappedKey: Buffer;
  secret: Buffer;
  /** Random by default. Only known-answer tests set it. */
  nonce?: Buffer;
};

/**
 * Encrypts a secret for one webhook row.
 *
 * @throws EnvelopeError on a data key that is not 32 bytes long, an invalid id, or a length outside the format.
 */
export function sealSecret({ dataKey, dataKeyDay, wrappedKey, secret, ...rest }: SealInput): Buffer {
  const { nonce = randomBytes(NONCE_BYTES), ...ids } = rest;
  ensure(dataKey.symmetricKeySize === KEY_BYTES && nonce.length === NONCE_BYTES);
  ensure(wrappedKey.length >= 1 && wrappedKey.length <= MAX_WRAPPED_BYTES);
  ensure(secret.length >= 1 && secret.length <= MAX_SECRET_BYTES);
  ensure(Number.isInteger(dataKeyDay) && dataKeyDay >= 0 && dataKeyDay <= MAX_DAY);

  const header = Buffer.alloc(AT.wrapped + wrappedKey.length);
  MAGIC.copy(header);
  header[AT.suite] = SUITE;
  header.writeUInt16BE(dataKeyDay, AT.day);
  commitmentOf(dataKey).copy(header, AT.commitment);
  header.writeUInt16BE(wrappedKey.length, AT.wrappedLength);
  wrappedKey.copy(header, AT.wrapped);

  const cipher = createCipheriv(CIPHER, dataKey, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(additionalData(header, ids));
  return Buffer.concat([header, nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
}

/**
 * Splits an envelope into its fields (views, not copies). It authenticates nothing; only `withSecret` does.
 *
 * @throws EnvelopeError
 */
export function parseEnvelope(envelope: Buffer): Envelope {
  ensure(envelope.length >= AT.wrapped && envelope.subarray(0, AT.suite).equals(MAGIC) && envelope[AT.suite] === SUITE);
  const wrappedLength = envelope.readUInt16BE(AT.wrappedLength);
  ensure(wrappedLength >= 1 && wrappedLength <= MAX_WRAPPED_BYTES);
  const headerEnd = AT.wrapped + wrappedLength;
  const nonceEnd = headerEnd + NONCE_BYTES;
  const secretLength = envelope.length - nonceEnd - TAG_BYTES;
  ensure(secretLength >= 1 && secretLength <= MAX_SECRET_BYTES);
  return {
    header: envelope.subarray(0, headerEnd),
    dataKeyDay: envelope.readUInt16BE(AT.day),
    commitment: envelope.subarray(AT.commitment, AT.wrappedLength),
    wrappedKey: envelope.subarray(AT.wrapped, headerEnd),
    nonce: envelope.subarray(headerEnd, nonceEnd),
    ciphertext: envelope.subarray(nonceEnd, nonceEnd + secretLength),
    tag: envelope.subarray(nonceEnd + secretLength),
  };
}

export type OpenInput = EnvelopeIds & { dataKey: KeyObject; envelope: Buffer };

/**
 * Runs `use` with the plaintext and wipes the plaintext on every path. `use` must be synchronous and must not keep the buffer: it is
 * all zeros afterwards.
 *
 * @throws EnvelopeError, and every error of `use`.
 */
export function withSecret<T>({ dataKey, envelope, ...ids }: OpenInput, use: (secret: Buffer) => T): T {
  const { header, commitment, nonce, ciphertext, tag } = parseEnvelope(envelope);
  ensure(dataKey.symmetricKeySize === KEY_BYTES && timingSafeEqual(commitmentOf(dataKey), commitment));
  // Without authTagLength, Node 20 also accepts a tag of 4 bytes.
  const decipher = createDecipheriv(CIPHER, dataKey, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(additionalData(header, ids));
  decipher.setAuthTag(tag);
  const secret = decipher.update(ciphertext);
  try {
    verifyTag(decipher);
    return use(secret);
  } finally {
    secret.fill(0);
  }
}

function verifyTag(decipher: { final: () => Buffer }): void {
  try {
    decipher.final();
  } catch {
    throw new EnvelopeError();
  }
}
