import { ATTEMPT_COLORS } from './status-colors.js';
import type { DeliveryAttemptRow } from '../db/queries/deliveries.js';
import { deliveryTimeMs } from '../domain/delivery/delivery-id.js';
import { CommandError } from './command-error.js';
import { EXIT } from './exit-codes.js';
import type { Output } from './output.js';
import { parseId } from './parse-id.js';
import { replaceControlCharacters } from './replace-control-characters.js';

export interface ShowDeliveryOptions {
  readonly account: string;
  /** Adds the payload and the answers of the endpoint. Both can hold personal data. */
  readonly payload: boolean;
}

export interface ShowDeliveryDeps {
  /** All attempts in order, the first with the payload. Empty if the account has no such delivery. */
  readonly findAttempts: (accountId: string, deliveryId: string) => Promise<DeliveryAttemptRow[]>;
  readonly now: () => number;
}

/** `deliveries show`: one delivery, with one line per attempt. */
export async function showDelivery(
  deps: ShowDeliveryDeps,
  [id, options]: readonly [id: string, options: ShowDeliveryOptions],
  output: Output,
): Promise<number> {
  const deliveryId = parseId('delivery', id);
  const rows = await deps.findAttempts(parseId('account', options.account), deliveryId);
  const latest = rows.find(({ isLatest }) => isLatest) ?? rows.at(-1);
  if (latest === undefined) throw new CommandError('the account has no such delivery');
  output.writeResult(toJsonObject(rows, latest, options), [
    ...formatHead(latest, output),
    ...rows.flatMap((row) => formatAttempt(row, options, output)),
    formatOutcome(latest, deps.now(), output),
    ...(options.payload ? ['', replaceControlCharacters(JSON.stringify(rows[0]?.payloadSnapshot ?? null))] : []),
  ]);
  return EXIT.ok;
}

/** Lists every field, so that a new column is not shown by accident. */
function toJsonObject(
  rows: readonly DeliveryAttemptRow[],
  latest: DeliveryAttemptRow,
  { payload }: ShowDeliveryOptions,
) {
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
    attempts: rows.map((row) => toJsonAttempt(row, payload)),
    ...(payload ? { payload: rows[0]?.payloadSnapshot ?? null } : {}),
  };
}

function toJsonAttempt(row: DeliveryAttemptRow, withPreview: boolean) {
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

const formatHead = (latest: DeliveryAttemptRow, { paint }: Output): string[] => [
  `${paint.strong(latest.eventType)} ${latest.eventId} → webhook ${latest.webhookId}`,
  `delivery ${latest.deliveryId}`,
  `workflow ${latest.workflowId}`,
  '',
  `${formatTime(new Date(deliveryTimeMs(latest.deliveryId)))}  accepted`,
];

function formatAttempt(row: DeliveryAttemptRow, { payload }: ShowDeliveryOptions, { paint }: Output): string[] {
  const { attemptNumber, trigger, status, responseStatus, errorCode, durationMs } = row;
  if (status === 'pending') return [];
  const color = paint[ATTEMPT_COLORS[status]];
  const facts = [responseStatus, errorCode, durationMs === null ? null : `${durationMs} ms`];
  const result = [color(status), ...facts.filter((fact) => fact !== null)].join(' ');
  const answerLines =
    payload && row.responseBodyPreview !== null
      ? [`    answer: ${replaceControlCharacters(row.responseBodyPreview)}`]
      : [];
  const time = formatTime(row.startedAt ?? row.finishedAt);
  return [`${time}  attempt ${attemptNumber} ${trigger}: ${result}`, ...formatRequester(row), ...answerLines];
}

function formatRequester({ trigger, cycle, requestedBy, requestReason }: DeliveryAttemptRow): string[] {
  if (trigger !== 'replay') return [];
  const reasonText = requestReason === null ? '' : `: ${replaceControlCharacters(requestReason)}`;
  return [`    replay ${cycle}, requested by ${replaceControlCharacters(requestedBy ?? 'unknown')}${reasonText}`];
}

function formatOutcome(
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
  return `=> waiting: next attempt ${formatTime(nextAttemptAt)} (${seconds >= 0 ? `in ${seconds} s` : `${-seconds} s ago`})`;
}

const formatTime = (date: Date | null): string => date?.toISOString().replace('T', ' ').slice(0, 19) ?? '-'.padEnd(19);
