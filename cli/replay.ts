import { isReplayable, REPLAYABLE_OUTCOMES } from '../domain/delivery/statuses.js';
import { CommandError } from './command-error.js';
import { EXIT } from './exit-codes.js';
import { parseDeliveryFilter, type DeliveryFilterOptions, type ListDeliveriesDeps } from './list-deliveries.js';
import type { Output } from './output.js';
import { parseId } from './parse-id.js';
import { parseAuthor, type AuthorOptions } from './request-author.js';
import { runReplayTask, type ReplayTaskDeps } from './replay-task.js';
import { confirmReplay, parseRate, replayAtRate, type ReplayAtRateDeps } from './replay-at-rate.js';
import { DAY_MS } from '../domain/delivery/durations.js';

export interface ReplayOptions extends AuthorOptions, DeliveryFilterOptions {
  readonly account: string;
  readonly rate: string;
  readonly yes: boolean;
}

/**
 * `replay <id…>`, or `replay` with a filter: starts a new cycle with the full retry schedule for each delivery, under
 * the same `webhook-id`. A filter becomes a task in Temporal. Safe to run twice: a delivery in progress is not replayed
 * a second time.
 */
export async function replay(
  deps: ReplayAtRateDeps & ListDeliveriesDeps & ReplayTaskDeps,
  [ids, options]: readonly [ids: readonly string[], options: ReplayOptions],
  output: Output,
): Promise<number> {
  const accountId = parseId('account', options.account);
  const author = parseAuthor(options);
  const rate = parseRate(options.rate);
  if (isFiltered(options) === ids.length > 0)
    throw new CommandError('name deliveries, or choose them with --webhook, --since and similar options', EXIT.usage);
  if (ids.length === 0) return await replayFiltered(deps, [accountId, options], output);
  const deliveryIds = [...new Set(ids.map((id) => parseId('delivery', id)))];
  if (!(await confirmReplay(deps, { count: deliveryIds.length, yes: options.yes }, output))) return EXIT.refused;
  const requests = deliveryIds.map((deliveryId) => ({ accountId, deliveryId, ...author }));
  return await replayAtRate(deps, { requests, rate }, output);
}

const isFiltered = ({ webhook, type, status, since, until }: ReplayOptions): boolean =>
  [webhook, type, status, since, until].some((option) => option !== undefined);

/** Upper limit of the count for the confirmation. The task itself has no limit. */
const MAX_COUNTED = 1_000;
const DEFAULT_RANGE_MS = 7 * DAY_MS;

async function replayFiltered(
  deps: ReplayAtRateDeps & ListDeliveriesDeps & ReplayTaskDeps,
  [accountId, options]: readonly [accountId: string, options: ReplayOptions],
  output: Output,
): Promise<number> {
  const { webhookId, eventType, status = 'dead_lettered', fromMs, toMs } = parseDeliveryFilter(options, deps.now());
  if (!isReplayable(status)) throw new CommandError(`--status: one of ${REPLAYABLE_OUTCOMES.join(', ')}`, EXIT.usage);
  const range = { fromMs: fromMs ?? deps.now() - DEFAULT_RANGE_MS, toMs: toMs ?? deps.now() };
  const rows = await deps.listDeliveries(accountId, { webhookId, eventType, status, ...range }, MAX_COUNTED);
  if (rows.length === 0) {
    output.writeMessage('no such deliveries');
    return EXIT.ok;
  }
  if (!(await confirmReplay(deps, { count: rows.length, yes: options.yes }, output))) return EXIT.refused;
  const filter = { webhookId, eventType, statuses: [status], ...range };
  const task = { accountId, filter, ratePerSecond: parseRate(options.rate), replay: parseAuthor(options) };
  return await runReplayTask(deps, { ...task, expectedDeliveries: rows.length }, output);
}
