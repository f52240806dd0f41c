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
      'Outcomes of deliveries by the hour or the day in which their events arrived, and durations of their requests. At most ' +
      'the newest 10,000 deliveries of the range are counted; `coveredFrom` is the start of the counted part.',
    query: statisticsQuerySchema,
    successResponses: { 200: { description: 'Every bucket of the range, oldest first.', body: statisticsSchema } },
  },
  {
    method: 'get',
    path: '/v1/event-types',
    operationId: 'listEventTypes',
    tag,
    summary: 'List the event types seen',
    description:
      'Event types of the newest 5,000 deliveries of the account. Events that matched no endpoint are not included, and ' +
      'deliveries before `coveredFrom` are not examined.',
    successResponses: { 200: { description: 'The types in alphabetical order.', body: eventTypesSchema } },
  },
];
