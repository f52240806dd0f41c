import type { DeliveryAttemptRow } from '../db/queries/deliveries.js';
import { deliveryTimeMs } from '../domain/delivery/delivery-id.js';
import { CommandError } from './command-error.js';
import { EXIT } from './exit-codes.js';
import type { Output } from './output.js';
import { parseId } from './parse-id.js';
import { replaceControlCharacters } from './replace-control-characters.js';

export interface ShowDeliveryOptions {
  readonly account: string;
  /** Adds the payload and what the receiver answered: both can hold personal data. */
  readonly payload: boolean;
}

export interface ShowDeliveryDeps {
  /** In order, the first with the payload; empty when the account has no such delivery. */
  readonly findAttempts: (accountId: string, deliveryId: string) => Promise<DeliveryAttemptRow[]>;
  readonly now: () => number;
}

/** `deliveries show`: the story of one delivery, one line an attempt. */
export async function showDelivery(
  deps: ShowDeliveryDeps,
  [id, options]: readonly [id: string, options: ShowDeliveryOptions],
  output: Output,
): Promise<number> {
  const deliveryId = parseId('delivery', id);
  const rows = await deps.findAttempts(parseId('account', options.account), deliveryId);
  const latest = rows.find(({ isLatest }) => isLatest) ?? rows.at(-1);
  if (latest === undefined) throw new CommandError('the account has no such delivery');
  output.writeResult(storyOf(rows, latest, options), [
    ...headOf(latest, output),
    ...rows.flatMap((row) => attemptLines(row, options, output)),
    tailOf(latest, deps.now(), output),
    ...(options.payload ? ['', replaceControlCharacters(JSON.stringify(rows[0]?.payloadSnapshot ?? null))] : []),
  ]);
  return EXIT.ok;
}

/** Field by field: a new column is shown on purpose or not at all. */
function storyOf(rows: readonly DeliveryAttemptRow[], latest: DeliveryAttemptRow, { payload }: ShowDeliveryOptions) {
  const { deliveryId, webhookId, eventId, eventType, outcome, outcomeReason, cycle, workflowId, nextAttemptAt } =
    latest;
  return {
    deliveryId,
    webhookId,
    eventId,
    eventType,
    cycle,
    workflowId,
    nextAttemptAt,
    status: outcome ?? 'waiting',
    outcomeReason,
    acceptedAt: new Date(deliveryTimeMs(deliveryId)).toISOString(),
    attempts: rows.map((row) => attemptOf(row, payload)),
    ...(payload ? { payload: rows[0]?.payloadSnapshot ?? null } : {}),
  };
}

function attemptOf(row: DeliveryAttemptRow, withPreview: boolean) {
  const { attemptNumber: number, cycle, trigger, status, responseStatus, errorCode, durationMs, startedAt } = row;
  const { secretVersion, requestedBy, requestReason, responseBodyPreview } = row;
  return {
    number,
    cycle,
    trigger,
    status,
    responseStatus,
    errorCode,
    durationMs,
    startedAt,
    secretVersion,
    requestedBy,
    requestReason,
    ...(withPreview ? { responseBodyPreview } : {}),
  };
}

const headOf = (latest: DeliveryAttemptRow, { paint }: Output): string[] => [
  `${paint.strong(latest.eventType)} ${latest.eventId} → webhook ${latest.webhookId}`,
  `delivery ${latest.deliveryId}`,
  `workflow ${latest.workflowId}`,
  '',
  `${timeOf(new Date(deliveryTimeMs(latest.deliveryId)))}  accepted`,
];

function attemptLines(row: DeliveryAttemptRow, { payload }: ShowDeliveryOptions, { paint }: Output): string[] {
  const { attemptNumber, trigger, status, responseStatus, errorCode, durationMs } = row;
  if (status === 'pending') return [];
  const colour = status === 'succeeded' ? paint.good : status === 'failed' ? paint.bad : paint.warn;
  const facts = [responseStatus, errorCode, durationMs === null ? null : `${durationMs} ms`];
  const result = [colour(status), ...facts.filter((fact) => fact !== null)].join(' ');
  const said =
    payload && row.responseBodyPreview !== null
      ? [`    answer: ${replaceControlCharacters(row.responseBodyPreview)}`]
      : [];
  const time = timeOf(row.startedAt ?? row.finishedAt);
  return [`${time}  attempt ${attemptNumber} ${trigger}: ${result}`, ...askedBy(row), ...said];
}

function askedBy({ trigger, cycle, requestedBy, requestReason }: DeliveryAttemptRow): string[] {
  if (trigger !== 'replay') return [];
  const because = requestReason === null ? '' : `: ${replaceControlCharacters(requestReason)}`;
  return [`    replay ${cycle}, asked for by ${replaceControlCharacters(requestedBy ?? 'unknown')}${because}`];
}

function tailOf(
  { outcome, outcomeReason, nextAttemptAt }: DeliveryAttemptRow,
  nowMs: number,
  { paint }: Output,
): string {
  if (outcome !== null) {
    const end = outcome === 'delivered' ? paint.good(outcome) : paint.bad(outcome);
    return `=> ${end}${outcomeReason === null ? '' : ` (${outcomeReason})`}`;
  }
  if (nextAttemptAt === null) return '=> waiting';
  const seconds = Math.round((nextAttemptAt.getTime() - nowMs) / 1_000);
  return `=> waiting: next attempt ${timeOf(nextAttemptAt)} (${seconds >= 0 ? `in ${seconds} s` : `${-seconds} s ago`})`;
}

const timeOf = (date: Date | null): string => date?.toISOString().replace('T', ' ').slice(0, 19) ?? '-'.padEnd(19);
