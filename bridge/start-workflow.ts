import type { MessageKey } from '../db/delivery-path/record-deliveries.js';
import type { Settlement } from '../db/delivery-path/set-outcomes.js';
import { kindOfFailure } from '../db/errors.js';
import { conclude, type ConcludeDeps, type Conclusion } from './acknowledge.js';
import type { PulledMessage } from './pulled-message.js';
import type { DeliveryToStart, StartOutcome } from './start-delivery.js';

export interface StartWorkflowDeps extends ConcludeDeps {
  /**
   * To be told before a start. `begin`: the workflow is confirmed and runs here, so its first requests need not wait until it
   * asks for them; `withdraw`: it is not, or does not, and harmless after `begin`.
   */
  announce: (delivery: DeliveryToStart) => { begin: () => void; withdraw: () => void };
  start: (delivery: DeliveryToStart) => Promise<StartOutcome>;
  discard: (message: MessageKey) => Promise<number>;
  settle: (settlement: Settlement) => Promise<unknown>;
}

/** Starts a message's workflow and concludes the message: acknowledged once it is started, and not before. Never throws. */
export async function startWorkflow(
  deps: StartWorkflowDeps,
  pulled: PulledMessage,
  delivery: DeliveryToStart,
): Promise<void> {
  // Before the start: an eager first attempt may be over sooner than the answer is read.
  const deliveries = delivery.endpoints.reduce((sum, { deliveryIds }) => sum + deliveryIds.length, 0);
  const expected = deps.admission.expectFirstAttempts(delivery.workflowId, { message: pulled, deliveries });
  const conclusion = await concluding(deps, delivery);
  const leavesLater = () => conclusion.result === 'started' || !deps.admission.forget(delivery.workflowId);
  await conclude(deps, pulled, { ...conclusion, staysInside: expected && leavesLater() });
}

async function concluding(deps: StartWorkflowDeps, delivery: DeliveryToStart): Promise<Conclusion> {
  try {
    const result = await startOnce(deps, delivery);
    if (result === 'started_here' || result === 'started_elsewhere')
      return { verdict: { stage: 'done' }, result: 'started' };
    if (result === 'unavailable' || result === 'refused') {
      const problems = [{ path: '', problem: 'the workflow engine refused the request' }];
      return { verdict: { stage: 'start', cause: result }, problems, rejected: () => settleRefused(deps, delivery) };
    }
    if (result === 'duplicate') await deps.discard(delivery);
    return { verdict: { stage: 'done' }, result };
  } catch (error) {
    return { verdict: { stage: 'record', cause: kindOfFailure(error) } };
  }
}

/** No request is made before the server has confirmed the workflow: until then the event may be another message's. */
async function startOnce({ announce, start }: StartWorkflowDeps, delivery: DeliveryToStart): Promise<StartOutcome> {
  const announced = announce(delivery);
  try {
    const outcome = await start(delivery);
    if (outcome === 'started_here') announced.begin();
    return outcome;
  } finally {
    announced.withdraw();
  }
}

/** Nobody will work on these deliveries; a replay can, once what made the engine refuse is mended. */
async function settleRefused({ settle }: StartWorkflowDeps, { accountId, endpoints }: DeliveryToStart): Promise<void> {
  const deliveryIds = endpoints.flatMap((endpoint) => endpoint.deliveryIds);
  await settle({ accountId, deliveryIds, cycle: 0, outcome: 'dead_lettered', reason: 'start_refused' });
}
