import { randomBytes, randomInt } from 'node:crypto';

/** Unique texts and bytes, by their meaning. */
export type Canaries = Record<string, string | Buffer>;

/** A secret that a customer chooses. */
export interface CanarySecret {
  /** `whsec_…`, the text in the request. */
  text: string;
  /** The bytes to search for. */
  canaries: Canaries;
}

/** New random bytes. `whsec_` itself is no secret, so it is not searched for. */
export function canarySecret(name: string): CanarySecret {
  const key = randomBytes(32);
  return { text: `whsec_${key.toString('base64')}`, canaries: canariesOf(name, key) };
}

/** The bytes to search for, of a secret that the service made. */
export const canariesOfText = (name: string, text: string): Canaries =>
  canariesOf(name, Buffer.from(text.replace('whsec_', ''), 'base64'));

const canariesOf = (name: string, key: Buffer): Canaries => ({
  [name]: key.toString('base64').replace(/=+$/, ''),
  [`${name} (bytes)`]: key,
});

/** A phone number without an owner: +999 is not assigned (ITU-T E.164). Searched for without its plus sign. */
export function canaryPhone(): { text: string; canaries: Canaries } {
  const digits = `999${String(randomInt(1e8, 1e9))}`;
  return { text: `+${digits}`, canaries: { phone: digits } };
}
