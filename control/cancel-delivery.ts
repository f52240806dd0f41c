import { CANCEL_SIGNAL } from '../domain/delivery/workflow-names.js';
import type { Client } from '@temporalio/client';
import type { Database } from '../db/client.js';
import { type DeliveryRow, findDelivery } from '../db/queries/deliveries.js';
import { setOutcomes } from '../db/delivery-path/set-outcomes.js';
import { callTemporal } from './ask-temporal.js';
import { isJustRecorded } from './is-just-recorded.js';
import { signalWorkflow } from './signal-workflow.js';
import { TemporalUnavailable } from './temporal-unavailable.js';

export interface CancelDeliveryRequest {
  readonly accountId: string;
  readonly deliveryId: string;
}

/** `canceling`: requested, but a running attempt finishes first and may still deliver. */
export interface CancelAnswer {
  readonly kind: 'ended_before' | 'canceled' | 'ended_otherwise' | 'canceling';
  readonly row: DeliveryRow;
}

/** `undefined` when the account has no such delivery. */
export type CancelDelivery = (request: CancelDeliveryRequest) => Promise<CancelAnswer | undefined>;

export interface CancelDeliveryDeps {
  readonly client: Client;
  readonly db: Database;
  /** How long to wait for the outcome, in milliseconds. Default 3,000. */
  readonly timeoutMs?: number;
}

const OUTCOME_TIMEOUT_MS = 3_000;
const POLL_INTERVAL_MS = 100;

/**
 * Cancels a waiting delivery: signals its workflow and waits for the outcome. If the workflow is gone because an operator
 * terminated it, the outcome is written here.
 * @throws TemporalUnavailable when Temporal does not answer, or when the delivery's workflow may be starting just now;
 * ServiceError when Temporal refuses; DatabaseError.
 */
export function createCancelDelivery({
  client,
  db,
  timeoutMs = OUTCOME_TIMEOUT_MS,
}: CancelDeliveryDeps): CancelDelivery {
  return async (request) => {
    const { accountId, deliveryId } = request;
    const row = await findDelivery(db, accountId, deliveryId);
    if (row === undefined) return undefined;
    if (row.outcome !== null) return { kind: 'ended_before', row };
    const signal = { workflowId: row.workflowId, name: CANCEL_SIGNAL, args: [deliveryId] };
    if (!(await callTemporal(client, () => signalWorkflow(client, signal))))
      await cancelAbandonedDelivery(db, request, row);
    const latest = await waitForOutcome(timeoutMs, async () => (await findDelivery(db, accountId, deliveryId)) ?? row);
    if (latest.outcome === null) return { kind: 'canceling', row: latest };
    return { kind: latest.outcome === 'canceled' ? 'canceled' : 'ended_otherwise', row: latest };
  };
}

/** Cancels a delivery whose workflow does not run. @throws TemporalUnavailable if the workflow may be starting just now. */
async function cancelAbandonedDelivery(
  db: Database,
  { accountId, deliveryId }: CancelDeliveryRequest,
  row: DeliveryRow,
): Promise<void> {
  if (isJustRecorded(row, Date.now())) throw new TemporalUnavailable();
  const reason = 'canceled_on_request';
  await setOutcomes(db, { accountId, deliveryIds: [deliveryId], cycle: row.cycle, outcome: 'canceled', reason });
}

async function waitForOutcome(maxWaitMs: number, read: () => Promise<DeliveryRow>): Promise<DeliveryRow> {
  const endMs = Date.now() + maxWaitMs;
  let row = await read();
  while (row.outcome === null && Date.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
    row = await read();
  }
  return row;
}
