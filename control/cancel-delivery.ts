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

/** `canceling`: asked for; an attempt that is being made is finished first, and may still deliver. */
export interface CancelAnswer {
  readonly kind: 'ended_before' | 'canceled' | 'ended_otherwise' | 'canceling';
  readonly row: DeliveryRow;
}

/** `undefined` when the account has no such delivery. */
export type CancelDelivery = (asked: CancelDeliveryRequest) => Promise<CancelAnswer | undefined>;

export interface CancelDeliveryDeps {
  readonly client: Client;
  readonly db: Database;
  /** How long to wait for the outcome, in milliseconds; 3 s unless given. */
  readonly timeoutMs?: number;
}

const PATIENCE_MS = 3_000;
const LOOK_EVERY_MS = 100;

/**
 * Ends a waiting delivery and waits a moment for its outcome. One whose workflow is gone, because somebody terminated it, is
 * ended here.
 * @throws TemporalUnavailable when Temporal does not answer, or the delivery's workflow is only being started; ServiceError
 * when it refuses; DatabaseError.
 */
export function createCancelDelivery({ client, db, timeoutMs = PATIENCE_MS }: CancelDeliveryDeps): CancelDelivery {
  return async (asked) => {
    const { accountId, deliveryId } = asked;
    const row = await findDelivery(db, accountId, deliveryId);
    if (row === undefined) return undefined;
    if (row.outcome !== null) return { kind: 'ended_before', row };
    const signal = { workflowId: row.workflowId, name: CANCEL_SIGNAL, args: [deliveryId] };
    if (!(await callTemporal(client, () => signalWorkflow(client, signal)))) await cancelAbandoned(db, asked, row);
    const latest = await waitForOutcome(timeoutMs, async () => (await findDelivery(db, accountId, deliveryId)) ?? row);
    if (latest.outcome === null) return { kind: 'canceling', row: latest };
    return { kind: latest.outcome === 'canceled' ? 'canceled' : 'ended_otherwise', row: latest };
  };
}

async function cancelAbandoned(
  db: Database,
  { accountId, deliveryId }: CancelDeliveryRequest,
  row: DeliveryRow,
): Promise<void> {
  if (isJustRecorded(row, Date.now())) throw new TemporalUnavailable();
  const reason = 'canceled_on_request';
  await setOutcomes(db, { accountId, deliveryIds: [deliveryId], cycle: row.cycle, outcome: 'canceled', reason });
}

async function waitForOutcome(patienceMs: number, read: () => Promise<DeliveryRow>): Promise<DeliveryRow> {
  const endMs = Date.now() + patienceMs;
  let row = await read();
  while (row.outcome === null && Date.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    row = await read();
  }
  return row;
}
