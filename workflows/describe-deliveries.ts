import { setCurrentDetails } from '@temporalio/workflow';
import { type DeliveryRun, listDeliveryStates } from './delivery-run.js';

/** A batch may have a thousand deliveries. The header of the Temporal UI shows the first ones only. */
const MAX_ROWS = 50;

/** Shows operators how the deliveries stand: "Current Details" in the Temporal UI. */
export const showDeliveries = (run: DeliveryRun): void => setCurrentDetails(renderDetailsTable(run));

/** A Markdown table of codes, ids and times; never a URL, a payload or an answer. */
export function renderDetailsTable(run: DeliveryRun): string {
  const states = listDeliveryStates(run);
  const rows = states.slice(0, MAX_ROWS).map((state) => {
    const last = [state.lastResponseStatus, state.lastErrorCode].filter((part) => part !== undefined).join(' ');
    return `| ${state.webhookId} | ${state.deliveryId} | ${String(state.attempt)} | ${state.status} | ${last} | ${state.nextAttemptAt ?? ''} |`;
  });
  const head = ['| endpoint | delivery | attempt | state | last result | next attempt |', '|---|---|---|---|---|---|'];
  const rest = states.length > MAX_ROWS ? [``, `… and ${String(states.length - MAX_ROWS)} more`] : [];
  return [...head, ...rows, ...rest].join('\n');
}
