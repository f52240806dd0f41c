import { CommandError } from './command-error.js';
import { EXIT } from './exit-codes.js';
import { filterOf, type FilterOptions, type ListDeps } from './list-deliveries.js';
import type { Output } from './output.js';
import { parseId } from './parse-id.js';
import { authorOf, type AuthorOptions } from './request-author.js';
import { confirmed, parseRate, sendAgain, type SendAgainDeps } from './send-again.js';

export interface ReplayOptions extends AuthorOptions, FilterOptions {
  readonly account: string;
  readonly rate: string;
  readonly yes: boolean;
}

/**
 * `replay <id…>`, or `replay` with a filter (dead-lettered ones if it names no status): a new cycle with the whole schedule for
 * each delivery, under its old `webhook-id`. Safe to run twice: a replay that runs already is woken, not doubled.
 */
export async function replay(
  deps: SendAgainDeps & ListDeps,
  [ids, options]: readonly [ids: readonly string[], options: ReplayOptions],
  output: Output,
): Promise<number> {
  const accountId = parseId('account', options.account);
  const author = authorOf(options);
  const rate = parseRate(options.rate);
  const deliveryIds = await chosen(deps, [accountId, ids, options]);
  if (deliveryIds.length === 0) {
    output.say('no such deliveries');
    return EXIT.ok;
  }
  if (!(await confirmed(deps, { count: deliveryIds.length, yes: options.yes }, output))) return EXIT.refused;
  const asked = deliveryIds.map((deliveryId) => ({ accountId, deliveryId, ...author }));
  return await sendAgain(deps, { asked, rate }, output);
}

const AT_ONCE = 1_000;

async function chosen(
  deps: ListDeps,
  [accountId, ids, options]: readonly [accountId: string, ids: readonly string[], options: ReplayOptions],
): Promise<string[]> {
  const { webhook, event, type, status, since, until } = options;
  const named = [webhook, event, type, status, since, until].some((option) => option !== undefined);
  if (named === ids.length > 0)
    throw new CommandError('name deliveries, or choose them with --webhook, --since and the like', EXIT.usage);
  if (ids.length > 0) return [...new Set(ids.map((id) => parseId('delivery', id)))];
  const filter = filterOf({ ...options, status: status ?? 'dead_lettered' }, deps.now());
  const rows = await deps.listDeliveries(accountId, filter, AT_ONCE);
  return rows.map(({ deliveryId }) => deliveryId);
}
