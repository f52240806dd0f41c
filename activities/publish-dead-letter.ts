import { DELIVERY_DEAD_LETTER_TYPE } from '../contracts/bus/dead-letter.js';
import type { OutcomeReason } from '../domain/delivery/statuses.js';
import type { DeadLetterRequest } from '../contracts/workflows/deliver-webhook.js';
import type { DeliveryDeadLetter } from '../contracts/bus/dead-letter.js';
import type { DeliveryRecord, SetOutcomesRequest } from '../db/delivery-path/set-outcomes.js';

export interface PublishDeadLetterDeps {
  readonly readDeliveryRecords: (accountId: string, deliveryIds: string[]) => Promise<DeliveryRecord[]>;
  readonly setOutcomes: (request: SetOutcomesRequest) => Promise<void>;
  /** Resolves when the broker has acknowledged the letter. The letter's id is its `Nats-Msg-Id`. */
  readonly publishDeliveryDeadLetter: (letter: DeliveryDeadLetter) => Promise<void>;
  readonly now: () => number;
}

/**
 * Publishes one dead letter for each delivery, then writes the outcomes. Two kinds of deliveries are left unchanged: one with
 * an outcome (an earlier run of this activity, or of this workflow before a reset, published its letter), and one that a later
 * cycle works on.
 * @throws DatabaseError, and every error of `publishDeliveryDeadLetter`.
 */
export async function publishDeadLetter(deps: PublishDeadLetterDeps, request: DeadLetterRequest): Promise<void> {
  const { accountId, deliveryIds, reason } = request;
  const isUnfinishedInCycle = ({ outcome, cycle }: DeliveryRecord) => outcome === null && cycle <= request.cycle;
  const unfinished = (await deps.readDeliveryRecords(accountId, deliveryIds)).filter(isUnfinishedInCycle);
  await Promise.all(
    unfinished.map((delivery) => deps.publishDeliveryDeadLetter(buildDeadLetter(request, delivery, deps.now()))),
  );
  const ids = unfinished.map(({ deliveryId }) => deliveryId);
  if (ids.length === 0) return;
  const outcome = reason === 'endpoint_deleted' ? 'canceled' : 'dead_lettered';
  await deps.setOutcomes({
    accountId,
    deliveryIds: ids,
    cycle: request.cycle,
    outcome,
    reason: reason satisfies OutcomeReason,
  });
}

function buildDeadLetter(request: DeadLetterRequest, delivery: DeliveryRecord, nowMs: number): DeliveryDeadLetter {
  const { deliveryId } = delivery;
  return {
    id: `${deliveryId}:${String(request.cycle)}`,
    schemaVersion: 1,
    type: DELIVERY_DEAD_LETTER_TYPE,
    time: new Date(nowMs).toISOString(),
    reason: request.reason,
    accountId: request.accountId,
    webhookId: delivery.webhookId,
    deliveryId,
    eventId: delivery.eventId,
    eventType: delivery.eventType,
    cycle: request.cycle,
    attempts: delivery.lastAttemptAt === null ? 0 : delivery.attempts,
    lastErrorCode: delivery.lastErrorCode,
    lastResponseStatus: delivery.lastResponseStatus,
    firstAttemptAt: delivery.firstAttemptAt?.toISOString() ?? null,
    lastAttemptAt: delivery.lastAttemptAt?.toISOString() ?? null,
    workflowId: delivery.workflowId,
    replay: { method: 'POST', path: `/v1/deliveries/${deliveryId}/retry` },
  };
}
