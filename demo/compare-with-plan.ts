import type { Delivery } from '../contracts/rest/delivery.js';
import type { DeliveryDeadLetter } from '../contracts/bus/dead-letter.js';
import type { ReceivedRequest } from '../local/start-customer.js';
import { isSuccess } from './delivery-line.js';
import { DEMO_SCHEDULE, type Plan } from './plan.js';
import type { Count } from './summary.js';

/** The counts of NATS, the API, Temporal and the customer, each independent of the others. */
export interface DemoObservations {
  /** Events that NATS has confirmed. */
  readonly confirmed: number;
  readonly eventIds: readonly string[];
  readonly deliveries: readonly Delivery[];
  readonly letters: readonly DeliveryDeadLetter[];
  readonly failedWorkflows: number;
  readonly requests: readonly ReceivedRequest[];
}

/** Compares every observed number with the number that the plan expects. */
export function compareWithPlan(plan: Plan, seen: DemoObservations): Count[] {
  const { deliveries, letters, requests } = seen;
  const reached = new Set(deliveries.map(({ eventId }) => eventId));
  const missing = seen.eventIds.filter((id) => !reached.has(id));
  const countDelivered = (matches: (delivery: Delivery) => boolean) =>
    deliveries.filter((delivery) => delivery.status === 'delivered' && matches(delivery)).length;
  const deadLetteredEvents = new Set(letters.map(({ eventId }) => eventId));
  const replayed = requests.filter(
    (request) =>
      isSuccess(request) && (request.attempt ?? 0) > DEMO_SCHEDULE.length && deadLetteredEvents.has(request.webhookId),
  );
  const count = (label: string, [expected, actual]: [number, number], countedBy: string): Count => {
    return { what: label, expected, seen: actual, countedBy };
  };
  return [
    count('events published', [plan.events, seen.confirmed], 'NATS'),
    { ...count('events that reached a webhook', [plan.events, plan.events - missing.length], 'API'), missing },
    count('deliveries: one event to one webhook', [plan.deliveries, deliveries.length], 'API'),
    count('  delivered at the first attempt', [plan.atOnce, countDelivered((d) => d.attemptCount === 1)], 'API'),
    count(
      '  delivered after retries',
      [plan.afterRetries, countDelivered((d) => d.attemptCount > 1 && d.cycle === 0)],
      'API',
    ),
    count('  dead-lettered', [plan.deadLettered, letters.length], 'NATS'),
    count('  of these, replayed and delivered', [plan.deadLettered, countDelivered((d) => d.cycle > 0)], 'API'),
    count('  of these, with the same webhook-id', [plan.deadLettered, replayed.length], 'the customer'),
    count('workflows Failed', [plan.failedWorkflows, seen.failedWorkflows], 'Temporal'),
    count('requests received', [plan.requests, requests.length], 'the customer'),
    count('signatures verified', [plan.requests, requests.filter((r) => r.signatureValid).length], 'the customer'),
  ];
}
