import type { AccountClient } from '../client.js';

/**
 * For the rest of the transaction: statements that stop after so many rows read these from an index in its order. The planner
 * would rather read and sort a whole table as long as that is small, and nobody knows when it changes its mind. It also takes
 * an account, its webhook and the account's policy for three independent conditions, expects next to nothing of them
 * together, and would collect and sort all that the account has.
 */
export async function readInIndexOrder(client: AccountClient): Promise<void> {
  await client.query('SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off');
}
