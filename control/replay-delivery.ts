import { RETRY_NOW_SIGNAL } from '../domain/delivery/workflow-names.js';
import type { Database } from '../db/client.js';
import { findDelivery, type DeliveryRow } from '../db/queries/deliveries.js';
import { callTemporal } from './ask-temporal.js';
import { isJustRecorded } from './is-just-recorded.js';
import { signalWorkflow } from './signal-workflow.js';
import { type StartReplayDeps, startReplay } from './start-replay.js';
import { TemporalUnavailable } from './temporal-unavailable.js';

export interface ReplayDeliveryRequest {
  readonly accountId: string;
  readonly deliveryId: string;
  /** `requestedBy` and `reason` are stored in Temporal in plain text: no personal data. */
  readonly requestedBy: string;
  readonly reason: string;
}

export interface ReplayAccepted {
  /** `replaying`: a new cycle started; `retrying`: the running cycle makes its next attempt now. */
  readonly kind: 'replaying' | 'retrying';
  readonly workflowId: string;
}

/** `undefined` when the account has no such delivery. */
export type ReplayDelivery = (request: ReplayDeliveryRequest) => Promise<ReplayAccepted | undefined>;

/**
 * Replays a delivery that has ended, or lets a waiting one make its next attempt now. Two requests at once start one replay,
 * because its workflow id is derived from the number of the next cycle.
 * @throws TemporalUnavailable when Temporal does not answer, or when the delivery's workflow may be starting just now;
 * ServiceError when Temporal refuses; DatabaseError.
 */
export function createReplayDelivery(deps: StartReplayDeps & { readonly db: Database }): ReplayDelivery {
  const { client, db } = deps;
  return async (request) => {
    const row = await findDelivery(db, request.accountId, request.deliveryId);
    if (row === undefined) return undefined;
    return await callTemporal(client, () => retryNowOrReplay(deps, request, row));
  };
}

async function retryNowOrReplay(
  deps: StartReplayDeps & { readonly db: Database },
  request: ReplayDeliveryRequest,
  row: DeliveryRow,
): Promise<ReplayAccepted> {
  const { workflowId, webhookId } = row;
  const retryNow = { workflowId, name: RETRY_NOW_SIGNAL, args: [webhookId] };
  if (row.outcome === null && (await signalWorkflow(deps.client, retryNow))) return { kind: 'retrying', workflowId };
  // No workflow works on the delivery: it has ended, or its workflow was terminated.
  const { accountId, deliveryId, requestedBy, reason } = request;
  const latest = (await findDelivery(deps.db, accountId, deliveryId)) ?? row;
  if (latest.outcome === null && isJustRecorded(latest, Date.now())) throw new TemporalUnavailable();
  if (isDoubleClick(latest, Date.now())) return { kind: 'replaying', workflowId: latest.workflowId };
  const started = await startReplay(deps, { ...latest, accountId, replay: { requestedBy, reason } });
  return { kind: 'replaying', workflowId: started.workflowId };
}

const DOUBLE_CLICK_MS = 5_000;

/**
 * A replay often succeeds before the second request of a double click arrives. A delivery that a replay has just delivered is
 * not replayed again.
 */
const isDoubleClick = ({ cycle, outcome, finishedAt }: DeliveryRow, nowMs: number): boolean =>
  cycle > 0 && outcome === 'delivered' && finishedAt !== null && nowMs - finishedAt.getTime() < DOUBLE_CLICK_MS;
