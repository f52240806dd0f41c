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
    description: 'Deliveries to one endpoint, newest first. Pages are as in the list of all deliveries.',
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
      'Deliveries of the account, newest first. A page may be shorter than `limit`, even empty, and still ' +
      'have a `nextCursor`: a request examines at most 5,000 deliveries, however few of them match.',
    query: deliveryQuerySchema,
    successResponses: { 200: { description: 'A page of deliveries.', body: deliveryPageSchema } },
  },
  {
    method: 'get',
    path: '/v1/deliveries/:id',
    operationId: 'getDelivery',
    tag,
    summary: 'Show a delivery',
    description:
      'One delivery with its payload and every attempt. The previews of response bodies are untrusted text of the receiver.',
    successResponses: { 200: { description: 'The delivery and its attempts.', body: deliveryDetailSchema } },
  },
  {
    method: 'post',
    path: '/v1/deliveries/:id/retry',
    operationId: 'retryDelivery',
    tag,
    summary: 'Replay a delivery',
    description:
      'A waiting delivery makes its next attempt now (`retrying`). A delivery that has an outcome starts a new cycle ' +
      'with a full schedule (`replaying`) under the same `webhook-id`, so receivers that deduplicate by it are safe. Two ' +
      'requests at the same time start one replay.',
    successResponses: {
      202: { description: 'The replay or the attempt is requested.', body: retryAcceptedSchema, headers: ['Location'] },
    },
  },
  {
    method: 'post',
    path: '/v1/deliveries/:id/cancel',
    operationId: 'cancelDelivery',
    tag,
    summary: 'Cancel a delivery',
    description:
      'Ends a waiting delivery. An attempt that is under way finishes first: if it succeeds, the delivery counts as ' +
      'delivered. A delivery that has ended does not change (`delivery_ended`); it can be replayed.',
    problems: ['delivery_ended'],
    successResponses: {
      200: { description: 'The delivery ended as `canceled`.', body: deliverySchema },
      202: {
        description: 'The cancellation is requested; the delivery ends when its attempt has finished.',
        body: deliverySchema,
      },
    },
  },
];
