import { DELIVERY_COLORS } from './status-colors.js';
import { DELIVERY_STATUSES } from '../domain/delivery/statuses.js';
import type { DeliveryRow } from '../db/queries/deliveries.js';
import type { DeliveryFilter } from '../db/queries/list-deliveries.js';
import { deliveryTimeMs } from '../domain/delivery/delivery-id.js';
import { CommandError } from './command-error.js';
import { EXIT } from './exit-codes.js';
import type { Output } from './output.js';
import { parseId } from './parse-id.js';
import { parseTime } from './parse-time.js';

export interface DeliveryFilterOptions {
  readonly webhook?: string | undefined;
  readonly event?: string | undefined;
  readonly type?: string | undefined;
  readonly status?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

export interface ListDeliveriesOptions extends DeliveryFilterOptions {
  readonly account: string;
  readonly limit: string;
}

export interface ListDeliveriesDeps {
  /** Newest first, at most `limit`. */
  readonly listDeliveries: (accountId: string, filter: DeliveryFilter, limit: number) => Promise<DeliveryRow[]>;
  readonly now: () => number;
}

const MAX_LIMIT = 1_000;

/** `deliveries list`: one line per delivery, newest first. */
export async function printDeliveries(
  deps: ListDeliveriesDeps,
  options: ListDeliveriesOptions,
  output: Output,
): Promise<number> {
  const limit = /^\d{1,4}$/.test(options.limit) ? Number(options.limit) : 0;
  if (limit < 1 || limit > MAX_LIMIT) throw new CommandError(`--limit: 1 to ${MAX_LIMIT}`, EXIT.usage);
  const filter = parseDeliveryFilter(options, deps.now());
  const rows = await deps.listDeliveries(parseId('account', options.account), filter, limit);
  for (const row of rows) output.writeResult(toJsonObject(row), formatLine(row, output));
  if (rows.length === 0) output.writeMessage('no such deliveries');
  if (rows.length === limit) output.writeMessage(`the first ${limit}; --limit and --until show more`);
  return EXIT.ok;
}

/** @throws CommandError naming the invalid option. */
export function parseDeliveryFilter(options: DeliveryFilterOptions, nowMs: number): DeliveryFilter {
  const { webhook, event, type, status, since, until } = options;
  const known = DELIVERY_STATUSES.find((each) => each === status?.replaceAll('-', '_'));
  if (status !== undefined && known === undefined)
    throw new CommandError(`--status: one of ${DELIVERY_STATUSES.join(', ')}`, EXIT.usage);
  return {
    webhookId: webhook === undefined ? undefined : parseId('webhook', webhook),
    eventId: event,
    eventType: type,
    status: known,
    fromMs: since === undefined ? undefined : parseTime(since, nowMs),
    toMs: until === undefined ? undefined : parseTime(until, nowMs),
  };
}

const toJsonObject = (row: DeliveryRow) => ({
  deliveryId: row.deliveryId,
  webhookId: row.webhookId,
  eventId: row.eventId,
  eventType: row.eventType,
  status: row.outcome ?? 'waiting',
  outcomeReason: row.outcomeReason,
  attempts: row.attemptNumber,
  cycle: row.cycle,
  responseStatus: row.responseStatus,
  errorCode: row.errorCode,
  nextAttemptAt: row.nextAttemptAt,
  acceptedAt: new Date(deliveryTimeMs(row.deliveryId)).toISOString(),
  workflowId: row.workflowId,
});

function formatLine(row: DeliveryRow, { paint }: Output): string {
  const status = row.outcome ?? 'waiting';
  const color = paint[DELIVERY_COLORS[status]];
  const last = row.responseStatus ?? row.errorCode ?? '-';
  return [
    new Date(deliveryTimeMs(row.deliveryId)).toISOString().slice(0, 19).replace('T', ' '),
    row.deliveryId,
    color(status.padEnd(16)),
    `${String(row.attemptNumber).padStart(2)}× ${String(last).padEnd(5)}`,
    `${row.eventType} ${row.eventId} → ${row.webhookId}`,
  ].join('  ');
}
