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
  /** Both are stored in Temporal in plain text: no personal data. */
  readonly requestedBy: string;
  readonly reason: string;
}

export interface ReplayAccepted {
  /** `replaying`: a new cycle began; `retrying`: the running one makes its next attempt now. */
  readonly kind: 'replaying' | 'retrying';
  readonly workflowId: string;
}

/** `undefined` when the account has no such delivery. */
export type ReplayDelivery = (asked: ReplayDeliveryRequest) => Promise<ReplayAccepted | undefined>;

/**
 * Sends a settled delivery again, or wakes one that waits. Asking twice at once gives one replay: its workflow id is that of
 * the next cycle.
 *
 * @throws TemporalUnavailable when Temporal does not answer, or the delivery's own workflow is only being started;
 * ServiceError when it refuses; DatabaseError.
 */
export function createReplayDelivery(dependencies: StartReplayDeps & { readonly db: Database }): ReplayDelivery {
  const { client, db } = dependencies;
  return async (asked) => {
    const row = await findDelivery(db, asked.accountId, asked.deliveryId);
    if (row === undefined) return undefined;
    return await callTemporal(client, () => replayOrWake(dependencies, asked, row));
  };
}

async function replayOrWake(
  dependencies: StartReplayDeps & { readonly db: Database },
  asked: ReplayDeliveryRequest,
  row: DeliveryRow,
): Promise<ReplayAccepted> {
  const { workflowId, webhookId } = row;
  const wake = { workflowId, name: RETRY_NOW_SIGNAL, args: [webhookId] };
  if (row.outcome === null && (await signalWorkflow(dependencies.client, wake)))
    return { kind: 'retrying', workflowId };
  // Settled, or left behind by a workflow that was terminated: nobody else works on it any more.
  const { accountId, deliveryId, requestedBy, reason } = asked;
  const latest = (await findDelivery(dependencies.db, accountId, deliveryId)) ?? row;
  if (latest.outcome === null && isJustRecorded(latest, Date.now())) throw new TemporalUnavailable();
  if (isSameClick(latest, Date.now())) return { kind: 'replaying', workflowId: latest.workflowId };
  const started = await startReplay(dependencies, { ...latest, accountId, replay: { requestedBy, reason } });
  return { kind: 'replaying', workflowId: started.workflowId };
}

const SAME_CLICK_MS = 5_000;

/** A replay often succeeds before the second half of a double click arrives: what was delivered just now is not sent again. */
const isSameClick = ({ cycle, outcome, finishedAt }: DeliveryRow, nowMs: number): boolean =>
  cycle > 0 && outcome === 'delivered' && finishedAt !== null && nowMs - finishedAt.getTime() < SAME_CLICK_MS;
