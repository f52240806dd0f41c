import {
  deliveryDetailSchema,
  deliveryPageSchema,
  deliveryQuerySchema,
  deliverySchema,
  retryAcceptedSchema,
} from '../delivery.js';
import type { Operation } from './operation.js';

const tag = 'Deliveries';

export const deliveryOperations: readonly Operation[] = [
  {
    method: 'get',
    path: '/v1/webhooks/:id/deliveries',
    operationId: 'listWebhookDeliveries',
    tag,
    summary: 'List deliveries to an endpoint',
    description:
      'What became of the events for one endpoint, newest first. Pages are as in the list of all deliveries.',
    query: deliveryQuerySchema,
    successResponses: { 200: { description: 'A page of deliveries.', body: deliveryPageSchema } },
  },
  {
    method: 'get',
    path: '/v1/deliveries',
    operationId: 'listDeliveries',
    tag,
    summary: 'List deliveries',
    description:
      'What became of the events of the account, newest first. A page may be shorter than `limit`, even empty, and still ' +
      'have a `nextCursor`: a request examines at most 5,000 deliveries, however seldom its filter matches.',
    query: deliveryQuerySchema,
    successResponses: { 200: { description: 'A page of deliveries.', body: deliveryPageSchema } },
  },
  {
    method: 'get',
    path: '/v1/deliveries/:id',
    operationId: 'getDelivery',
    tag,
    summary: 'Show a delivery',
    description: 'One delivery with what was sent and every attempt. What a receiver answered is a stranger’s text.',
    successResponses: { 200: { description: 'The delivery and its attempts.', body: deliveryDetailSchema } },
  },
  {
    method: 'post',
    path: '/v1/deliveries/:id/retry',
    operationId: 'retryDelivery',
    tag,
    summary: 'Send a delivery again',
    description:
      'A waiting delivery makes its next attempt now (`woken`). A settled one begins a new cycle with a full schedule ' +
      '(`replaying`) under the same `webhook-id`, so receivers that deduplicate by it are safe. Asking twice at once ' +
      'gives one replay.',
    successResponses: { 202: { description: 'Asked for.', body: retryAcceptedSchema, headers: ['Location'] } },
  },
  {
    method: 'post',
    path: '/v1/deliveries/:id/cancel',
    operationId: 'cancelDelivery',
    tag,
    summary: 'Cancel a delivery',
    description:
      'Ends a delivery that waits. An attempt that is being made is finished first: if it succeeds the delivery counts as ' +
      'delivered. One that has ended is not changed (`delivery_settled`); it can be sent again.',
    problems: ['delivery_settled'],
    successResponses: {
      200: { description: 'It ended as `canceled`.', body: deliverySchema },
      202: { description: 'Asked for; it ends as soon as its attempt is over.', body: deliverySchema },
    },
  },
];
