import { pageQuerySchema } from '../page.js';
import {
  createdWebhookSchema,
  createWebhookSchema,
  replaceWebhookSchema,
  webhookPageSchema,
  webhookSchema,
} from '../webhook.js';
import type { Operation } from './operation.js';

const tag = 'Webhooks';

export const webhookOperations: readonly Operation[] = [
  {
    ...{ method: 'post', path: '/v1/webhooks', operationId: 'createWebhook', tag },
    summary: 'Register an endpoint',
    description:
      'Events of the chosen types are sent to `url` from now on. The answer holds the secret that signs them, this once: ' +
      'store it where your receiver can read it. An account has ten webhooks at most.',
    body: createWebhookSchema,
    answers: { 201: { description: 'Registered.', body: createdWebhookSchema, headers: ['Location'] } },
    problems: ['webhook_limit_reached'],
  },
  {
    ...{ method: 'get', path: '/v1/webhooks', operationId: 'listWebhooks', tag },
    summary: 'List endpoints',
    description: 'Newest first, never with a secret.',
    query: pageQuerySchema,
    answers: { 200: { description: 'A page of endpoints.', body: webhookPageSchema } },
  },
  {
    ...{ method: 'get', path: '/v1/webhooks/:id', operationId: 'getWebhook', tag },
    summary: 'Show an endpoint',
    description: 'How the endpoint is set up and whether it is enabled, never with a secret.',
    answers: { 200: { description: 'The endpoint.', body: webhookSchema } },
  },
  {
    ...{ method: 'put', path: '/v1/webhooks/:id', operationId: 'replaceWebhook', tag },
    summary: 'Replace an endpoint',
    description:
      'Replaces `url`, `eventTypes` and `description` as a whole: what is left out becomes its default. With `secret` it ' +
      'rotates: every attempt made afterwards is signed with the new one, retries of earlier events included; for ' +
      '`gracePeriodSeconds` the one before signs as well. `status` disables or enables the endpoint.',
    body: replaceWebhookSchema,
    answers: { 200: { description: 'The endpoint as it is now.', body: webhookSchema } },
  },
  {
    ...{ method: 'delete', path: '/v1/webhooks/:id', operationId: 'deleteWebhook', tag },
    summary: 'Remove an endpoint',
    description: 'Nothing is sent to it any more. Deliveries that wait for their next attempt end as `canceled`.',
    answers: { 204: { description: 'Removed.' } },
  },
];
