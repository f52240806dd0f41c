import { createHash } from 'node:crypto';

/** 128 bits of SHA-256, in hex, over the sorted ids. The same set of events has the same digest in any order. */
export const eventSetDigest = (eventIds: readonly string[]): string =>
  createHash('sha256')
    .update([...eventIds].sort().join('\n'))
    .digest('hex')
    .slice(0, 32);
