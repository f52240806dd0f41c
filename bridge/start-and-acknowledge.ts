import type { MessageKey } from '../db/delivery-path/record-deliveries.js';
import type { SetOutcomesRequest } from '../db/delivery-path/set-outcomes.js';
import { classifyDatabaseError } from '../db/errors.js';
import { acknowledgeMessage, type AcknowledgeDeps, type Acknowledgement } from './acknowledge.js';
import type { PulledMessage } from './pulled-message.js';
import type { DeliveryToStart, StartOutcome } from './start-delivery.js';

export interface StartAndAcknowledgeDeps extends AcknowledgeDeps {
  /**
   * Called before a start. `startAttempts`: the workflow is confirmed and runs in this process, so its first requests need not wait
   * for its activity. `withdraw`: it was not started or runs elsewhere; does nothing after `startAttempts`.
   */
  readonly announceFirstAttempts: (delivery: DeliveryToStart) => { startAttempts: () => void; withdraw: () => void };
  readonly startDelivery: (delivery: DeliveryToStart) => Promise<StartOutcome>;
  readonly discardRecordedDeliveries: (message: MessageKey) => Promise<number>;
  readonly setOutcomes: (request: SetOutcomesRequest) => Promise<unknown>;
}

/** Starts a message's workflow, then acknowledges the message; without a start it returns or rejects it. Never throws. */
export async function startAndAcknowledge(
  deps: StartAndAcknowledgeDeps,
  pulled: PulledMessage,
  delivery: DeliveryToStart,
): Promise<void> {
  // Before the start, because an eager first attempt may be over before the response is read.
  const deliveries = delivery.endpoints.reduce((sum, { deliveryIds }) => sum + deliveryIds.length, 0);
  const expected = deps.admission.expectFirstAttempts(delivery.workflowId, { message: pulled, deliveries });
  const acknowledgement = await startToAcknowledgement(deps, delivery);
  const leavesLater = () =>
    acknowledgement.result === 'started' || !deps.admission.cancelExpectation(delivery.workflowId);
  await acknowledgeMessage(deps, pulled, { ...acknowledgement, staysInFlight: expected && leavesLater() });
}

async function startToAcknowledgement(
  deps: StartAndAcknowledgeDeps,
  delivery: DeliveryToStart,
): Promise<Acknowledgement> {
  try {
    const result = await startAnnounced(deps, delivery);
    if (result === 'started_here' || result === 'started_elsewhere')
      return { verdict: { stage: 'done' }, result: 'started' };
    if (result === 'unavailable' || result === 'refused') {
      const problems = [{ path: '', problem: 'the workflow engine refused the request' }];
      return {
        verdict: { stage: 'start', cause: result },
        problems,
        onRejected: () => deadLetterRefused(deps, delivery),
      };
    }
    if (result === 'duplicate') await deps.discardRecordedDeliveries(delivery);
    return { verdict: { stage: 'done' }, result };
  } catch (error) {
    return { verdict: { stage: 'record', cause: classifyDatabaseError(error) } };
  }
}

/** No request is made before the server has confirmed the start: until then another message may own the event. */
async function startAnnounced(
  { announceFirstAttempts, startDelivery }: StartAndAcknowledgeDeps,
  delivery: DeliveryToStart,
): Promise<StartOutcome> {
  const announcement = announceFirstAttempts(delivery);
  try {
    const outcome = await startDelivery(delivery);
    if (outcome === 'started_here') announcement.startAttempts();
    return outcome;
  } finally {
    announcement.withdraw();
  }
}

/** No workflow will work on these deliveries. They can be replayed after the cause of the refusal is repaired. */
async function deadLetterRefused(
  { setOutcomes }: StartAndAcknowledgeDeps,
  { accountId, endpoints }: DeliveryToStart,
): Promise<void> {
  const deliveryIds = endpoints.flatMap((endpoint) => endpoint.deliveryIds);
  await setOutcomes({ accountId, deliveryIds, cycle: 0, outcome: 'dead_lettered', reason: 'start_refused' });
}
