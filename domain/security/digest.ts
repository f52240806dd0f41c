import { createHash, timingSafeEqual } from 'node:crypto';

/** SHA-256 of a text. */
export const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

/** The time does not depend on the place of the first difference. */
export const isEqualInConstantTime = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);
