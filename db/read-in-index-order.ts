import type { AccountClient } from './client.js';

/**
 * For the rest of the transaction: statements that stop after so many rows read these from an index in its order. The planner
 * would rather read and sort a whole table as long as that is small, and nobody knows when it changes its mind.
 */
export async function readInIndexOrder(client: AccountClient): Promise<void> {
  await client.query('SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off');
}
