import type { Delivery } from '../contracts/rest/delivery.js';
import type { DeliveryDeadLetter } from '../contracts/bus/dead-letter.js';
import type { ReceivedRequest } from '../local/start-customer.js';
import { isSuccess } from './delivery-line.js';
import { DEMO_SCHEDULE, type Plan } from './plan.js';
import type { Count } from './summary.js';

/** What each side saw, independently of the others. */
export interface DemoObservations {
  /** Events that NATS has confirmed. */
  readonly confirmed: number;
  readonly eventIds: readonly string[];
  readonly deliveries: readonly Delivery[];
  readonly letters: readonly DeliveryDeadLetter[];
  readonly failedWorkflows: number;
  readonly requests: readonly ReceivedRequest[];
}

/** Every number of the story beside the one that follows from what was published. */
export function compareWithPlan(plan: Plan, seen: DemoObservations): Count[] {
  const { deliveries, letters, requests } = seen;
  const reached = new Set(deliveries.map(({ eventId }) => eventId));
  const missing = seen.eventIds.filter((id) => !reached.has(id));
  const delivered = (fits: (delivery: Delivery) => boolean) =>
    deliveries.filter((delivery) => delivery.status === 'delivered' && fits(delivery)).length;
  const eventsGivenUp = new Set(letters.map(({ eventId }) => eventId));
  const replayed = requests.filter(
    (request) =>
      isSuccess(request) && (request.attempt ?? 0) > DEMO_SCHEDULE.length && eventsGivenUp.has(request.webhookId),
  );
  const count = (what: string, [expected, actual]: [number, number], countedBy: string): Count => {
    return { what, expected, seen: actual, countedBy };
  };
  return [
    count('events published', [plan.events, seen.confirmed], 'NATS'),
    { ...count('events that reached a webhook', [plan.events, plan.events - missing.length], 'API'), missing },
    count('deliveries: one event to one webhook', [plan.deliveries, deliveries.length], 'API'),
    count('  delivered at the first attempt', [plan.atOnce, delivered((d) => d.attemptCount === 1)], 'API'),
    count(
      '  delivered after retries',
      [plan.afterRetries, delivered((d) => d.attemptCount > 1 && d.cycle === 0)],
      'API',
    ),
    count('  dead-lettered', [plan.deadLettered, letters.length], 'NATS'),
    count('  of these, replayed and delivered', [plan.deadLettered, delivered((d) => d.cycle > 0)], 'API'),
    count('  of these, with the same webhook-id', [plan.deadLettered, replayed.length], 'the customer'),
    count('workflows Failed', [plan.failedWorkflows, seen.failedWorkflows], 'Temporal'),
    count('requests received', [plan.requests, requests.length], 'the customer'),
    count('signatures verified', [plan.requests, requests.filter((r) => r.signatureValid).length], 'the customer'),
  ];
}
