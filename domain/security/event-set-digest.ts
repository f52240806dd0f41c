import { createHash } from 'node:crypto';

/** 128 bits of SHA-256, in hex, over the sorted ids: the same set of events is the same batch, whatever their order. */
export const eventSetDigest = (eventIds: readonly string[]): string =>
  createHash('sha256')
    .update([...eventIds].sort().join('\n'))
    .digest('hex')
    .slice(0, 32);
