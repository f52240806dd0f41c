import type { AccountClient } from '../client.js';

/**
 * Makes the statements in the rest of the transaction read rows from an index in its order. Without this the planner reads and
 * sorts a whole table while that is small, and may keep the plan when it is not. The planner also takes the account, its
 * webhook and the account's policy for independent conditions, expects almost no rows for all three together, and would
 * collect and sort all rows of the account.
 */
export async function readInIndexOrder(client: AccountClient): Promise<void> {
  await client.query('SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off');
}
