import { randomBytes } from 'node:crypto';

const PREFIX = 'whsec_';
/** Ed25519 keys of Standard Webhooks. Their owner expects asymmetric signatures, which the service does not make. */
const ASYMMETRIC = /^wh[sp]k_/;
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;
const DECODED_BYTES = { min: 24, max: 64 };
const RAW_CHARACTERS = { min: 24, max: 128 };
const GENERATED_BYTES = 32;

export type SecretRefusal = 'not_a_string' | 'asymmetric' | 'not_canonical_base64' | 'length' | 'character';
export type SecretInput = { ok: true; key: Buffer } | { ok: false; reason: SecretRefusal };

const refuse = (reason: SecretRefusal): SecretInput => ({ ok: false, reason });
const within = (length: number, { min, max }: { min: number; max: number }) => length >= min && length <= max;

function parseBase64(text: string): SecretInput {
  const key = Buffer.from(text, 'base64');
  // Buffer.from skips characters that are not base64. Only a round trip proves that it skipped none.
  if (key.toString('base64') !== text) return refuse('not_canonical_base64');
  return within(key.length, DECODED_BYTES) ? { ok: true, key } : refuse('length');
}

/**
 * Converts a customer's secret into HMAC key bytes: `whsec_` and canonical base64 of 24–64 bytes
 * (Standard Webhooks 1.0.0), or 24–128 printable ASCII characters taken as they are.
 */
export function parseSecretInput(text: unknown): SecretInput {
  if (typeof text !== 'string') return refuse('not_a_string');
  if (text.startsWith(PREFIX)) return parseBase64(text.slice(PREFIX.length));
  if (ASYMMETRIC.test(text)) return refuse('asymmetric');
  if (!within(text.length, RAW_CHARACTERS)) return refuse('length');
  return PRINTABLE_ASCII.test(text) ? { ok: true, key: Buffer.from(text, 'latin1') } : refuse('character');
}

/** Makes a secret of 32 random bytes. `secret` is the text that the customer sees once; `key` holds the bytes to seal. */
export function generateSecret(): { secret: string; key: Buffer } {
  const key = randomBytes(GENERATED_BYTES);
  return { secret: PREFIX + key.toString('base64'), key };
}
