import type { MessageKey } from '../db/delivery-path/record-deliveries.js';
import type { SetOutcomesRequest } from '../db/delivery-path/set-outcomes.js';
import { classifyDatabaseError } from '../db/errors.js';
import { acknowledgeMessage, type AcknowledgeDeps, type Acknowledgement } from './acknowledge.js';
import type { PulledMessage } from './pulled-message.js';
import type { DeliveryToStart, StartOutcome } from './start-delivery.js';

export interface StartAndAcknowledgeDeps extends AcknowledgeDeps {
  /**
   * To be told before a start. `begin`: the workflow is confirmed and runs here, so its first requests need not wait until it
   * asks for them; `withdraw`: it is not, or does not, and harmless after `begin`.
   */
  readonly announceFirstAttempts: (delivery: DeliveryToStart) => { begin: () => void; withdraw: () => void };
  readonly startDelivery: (delivery: DeliveryToStart) => Promise<StartOutcome>;
  readonly discardRecordedDeliveries: (message: MessageKey) => Promise<number>;
  readonly setOutcomes: (settlement: SetOutcomesRequest) => Promise<unknown>;
}

/** Starts a message's workflow and concludes the message: acknowledged once it is started, and not before. Never throws. */
export async function startAndAcknowledge(
  deps: StartAndAcknowledgeDeps,
  pulled: PulledMessage,
  delivery: DeliveryToStart,
): Promise<void> {
  // Before the start: an eager first attempt may be over sooner than the answer is read.
  const deliveries = delivery.endpoints.reduce((sum, { deliveryIds }) => sum + deliveryIds.length, 0);
  const expected = deps.admission.expectFirstAttempts(delivery.workflowId, { message: pulled, deliveries });
  const conclusion = await startToAcknowledgement(deps, delivery);
  const leavesLater = () => conclusion.result === 'started' || !deps.admission.cancelExpectation(delivery.workflowId);
  await acknowledgeMessage(deps, pulled, { ...conclusion, staysAdmitted: expected && leavesLater() });
}

async function startToAcknowledgement(
  deps: StartAndAcknowledgeDeps,
  delivery: DeliveryToStart,
): Promise<Acknowledgement> {
  try {
    const result = await startOnce(deps, delivery);
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

/** No request is made before the server has confirmed the workflow: until then the event may be another message's. */
async function startOnce(
  { announceFirstAttempts, startDelivery }: StartAndAcknowledgeDeps,
  delivery: DeliveryToStart,
): Promise<StartOutcome> {
  const announced = announceFirstAttempts(delivery);
  try {
    const outcome = await startDelivery(delivery);
    if (outcome === 'started_here') announced.begin();
    return outcome;
  } finally {
    announced.withdraw();
  }
}

/** Nobody will work on these deliveries; a replay can, once what made the engine refuse is mended. */
async function deadLetterRefused(
  { setOutcomes }: StartAndAcknowledgeDeps,
  { accountId, endpoints }: DeliveryToStart,
): Promise<void> {
  const deliveryIds = endpoints.flatMap((endpoint) => endpoint.deliveryIds);
  await setOutcomes({ accountId, deliveryIds, cycle: 0, outcome: 'dead_lettered', reason: 'start_refused' });
}
