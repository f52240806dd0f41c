import type { DeliveryState, DeliverySummary } from '../contracts/workflows/deliver-webhook.js';
import type { Progress } from '../domain/delivery/progress.js';
import type { DeliveryRun } from './delivery-run.js';

export function listDeliveryStates({ deliveries, attempting }: DeliveryRun): DeliveryState[] {
  return deliveries.map((progress) => stateOf(progress, attempting.has(progress.deliveryId)));
}

function stateOf(progress: Progress, attempting: boolean): DeliveryState {
  const {
    deliveryId,
    webhookId,
    attempt,
    phase,
    end,
    lastErrorCode: lastErrorCode,
    lastResponseStatus: lastResponseStatus,
    dueAtMs,
  } = progress;
  const waits = phase === 'waiting' && !attempting;
  return {
    deliveryId,
    webhookId,
    attempt,
    status: phase === 'ended' && end !== undefined ? end.outcome : waits ? 'waiting' : 'attempting',
    ...(lastErrorCode === undefined ? {} : { lastErrorCode }),
    ...(lastResponseStatus === undefined ? {} : { lastResponseStatus }),
    ...(waits ? { nextAttemptAt: new Date(dueAtMs).toISOString() } : {}),
  };
}

export function countOutcomes({ deliveries }: DeliveryRun): DeliverySummary {
  const summary: DeliverySummary = { delivered: 0, dead_lettered: 0, canceled: 0, skipped_disabled: 0 };
  for (const { end } of deliveries) if (end !== undefined) summary[end.outcome] += 1;
  return summary;
}

/** A batch may have a thousand deliveries; the header of the Temporal UI is for the first look. */
const MAX_ROWS = 50;

/** What ops see as "Current Details" in the Temporal UI. Codes and ids only. */
export function renderDetailsTable(delivering: DeliveryRun): string {
  const states = listDeliveryStates(delivering);
  const rows = states.slice(0, MAX_ROWS).map((state) => {
    const last = [state.lastResponseStatus, state.lastErrorCode].filter((part) => part !== undefined).join(' ');
    return `| ${state.webhookId} | ${state.deliveryId} | ${String(state.attempt)} | ${state.status} | ${last} | ${state.nextAttemptAt ?? ''} |`;
  });
  const head = ['| endpoint | delivery | attempt | state | last result | next attempt |', '|---|---|---|---|---|---|'];
  const rest = states.length > MAX_ROWS ? [``, `… and ${String(states.length - MAX_ROWS)} more`] : [];
  return [...head, ...rows, ...rest].join('\n');
}
