import { createHash, timingSafeEqual } from 'node:crypto';

/** SHA-256 of a text. */
export const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

/** In a time that does not tell where they differ. */
export const isEqualInConstantTime = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);
