import { eventTypesSchema, statisticsQuerySchema, statisticsSchema } from '../statistics.js';
import type { Operation } from './operation.js';

const tag = 'Statistics';

export const statisticsOperations: readonly Operation[] = [
  {
    method: 'get',
    path: '/v1/webhooks/:id/stats',
    operationId: 'showWebhookStatistics',
    tag,
    summary: 'Count deliveries to an endpoint',
    description:
      'How the events that came in hour by hour, or day by day, ended, and how long the requests for them took. At most ' +
      'the newest 10,000 deliveries of the range are counted; `coveredFrom` says how far back that goes.',
    query: statisticsQuerySchema,
    successResponses: { 200: { description: 'Every bucket of the range, the oldest first.', body: statisticsSchema } },
  },
  {
    method: 'get',
    path: '/v1/event-types',
    operationId: 'listEventTypes',
    tag,
    summary: 'List the event types seen',
    description:
      'The types among the newest 5,000 deliveries of the account, so of events that an endpoint wanted. What came in ' +
      'before `coveredFrom` is not looked at.',
    successResponses: { 200: { description: 'The types in alphabetical order.', body: eventTypesSchema } },
  },
];
