import { deliveryDetailSchema } from '../delivery.js';
import { testEventSchema, requestPreviewSchema } from '../test-event.js';
import { pageQuerySchema } from '../page.js';
import {
  createdWebhookSchema,
  createWebhookSchema,
  disableWebhookSchema,
  enableWebhookSchema,
  patchWebhookSchema,
  replaceWebhookSchema,
  rotateSecretSchema,
  webhookPageSchema,
  webhookSchema,
} from '../webhook.js';
import type { Operation } from './operation.js';

const tag = 'Webhooks';

const CURRENT_WEBHOOK_RESPONSE = {
  200: { description: 'The endpoint as it is now.', body: webhookSchema, headers: ['ETag'] },
} as const;

export const webhookOperations: readonly Operation[] = [
  {
    method: 'post',
    path: '/v1/webhooks',
    operationId: 'createWebhook',
    tag,
    summary: 'Register an endpoint',
    description:
      'Events of the chosen types are sent to `url` from now on. The answer holds the secret that signs them, this once: ' +
      'store it where your receiver can read it. An account has ten webhooks at most.\n\n' +
      'With an `Idempotency-Key` the same request may be repeated: as long as the webhook exists, it is answered with it ' +
      'and 200. No answer shows a secret twice, so where the first answer was lost, rotate it. Another request with ' +
      'the same key is refused.',
    body: createWebhookSchema,
    headers: ['Idempotency-Key'],
    successResponses: {
      201: { description: 'Registered.', body: createdWebhookSchema, headers: ['Location', 'ETag'] },
      200: {
        description: 'Registered before, with the same `Idempotency-Key` and request. The secret was shown then.',
        body: webhookSchema,
        headers: ['Location', 'ETag', 'Idempotent-Replayed'],
      },
    },
    problems: ['webhook_limit_reached'],
  },
  {
    method: 'get',
    path: '/v1/webhooks',
    operationId: 'listWebhooks',
    tag,
    summary: 'List endpoints',
    description: 'Newest first, never with a secret.',
    query: pageQuerySchema,
    successResponses: { 200: { description: 'A page of endpoints.', body: webhookPageSchema } },
  },
  {
    method: 'get',
    path: '/v1/webhooks/:id',
    operationId: 'getWebhook',
    tag,
    summary: 'Show an endpoint',
    description:
      'How the endpoint is set up, whether it is enabled and how it does, never with a secret. `health` counts the newest ' +
      '1,000 deliveries at most, so that it is quick to ask about a busy endpoint.',
    headers: ['If-None-Match'],
    successResponses: {
      200: { description: 'The endpoint.', body: webhookSchema, headers: ['ETag'] },
      304: { description: 'As it was when the `ETag` was read.', headers: ['ETag'] },
    },
  },
  {
    method: 'put',
    path: '/v1/webhooks/:id',
    operationId: 'replaceWebhook',
    tag,
    summary: 'Replace an endpoint',
    description:
      'Replaces the settings as a whole: what is left out becomes its default. With `secret` it ' +
      'rotates: every attempt made afterwards is signed with the new one, retries of earlier events included; for ' +
      '`gracePeriodSeconds` the one before signs as well. `status` disables or enables the endpoint.',
    headers: ['If-Match'],
    body: replaceWebhookSchema,
    successResponses: CURRENT_WEBHOOK_RESPONSE,
  },
  {
    method: 'patch',
    path: '/v1/webhooks/:id',
    operationId: 'patchWebhook',
    tag,
    summary: 'Change an endpoint',
    description:
      'A merge patch (RFC 7396): what is left out stays, null takes a value away, entries of `metadata` are merged by name. ' +
      '`application/json` is read the same way.',
    headers: ['If-Match'],
    body: patchWebhookSchema,
    mediaType: 'application/merge-patch+json',
    successResponses: CURRENT_WEBHOOK_RESPONSE,
  },
  {
    method: 'delete',
    path: '/v1/webhooks/:id',
    operationId: 'deleteWebhook',
    tag,
    summary: 'Remove an endpoint',
    description: 'Nothing is sent to it any more. Deliveries that wait for their next attempt end as `canceled`.',
    headers: ['If-Match'],
    successResponses: { 204: { description: 'Removed.' } },
  },
  {
    method: 'post',
    path: '/v1/webhooks/:id/enable',
    operationId: 'enableWebhook',
    tag,
    summary: 'Enable an endpoint',
    description: 'Events are sent to it from now on. What was skipped while it was disabled can be sent again.',
    headers: ['If-Match'],
    body: enableWebhookSchema,
    bodyOptional: true,
    successResponses: CURRENT_WEBHOOK_RESPONSE,
  },
  {
    method: 'post',
    path: '/v1/webhooks/:id/disable',
    operationId: 'disableWebhook',
    tag,
    summary: 'Disable an endpoint',
    description:
      'Nothing is sent to it until it is enabled. Its events are kept as `skipped_disabled`. An endpoint that is ' +
      'disabled already keeps its reason and time.',
    headers: ['If-Match'],
    body: disableWebhookSchema,
    bodyOptional: true,
    successResponses: CURRENT_WEBHOOK_RESPONSE,
  },
  {
    method: 'post',
    path: '/v1/webhooks/:id/secret/rotate',
    operationId: 'rotateWebhookSecret',
    tag,
    summary: 'Make a new secret',
    description:
      'The answer holds the new secret, this once. Every attempt made afterwards is signed with it, retries of earlier ' +
      'events included; for `gracePeriodSeconds` the one before signs as well.',
    headers: ['If-Match'],
    body: rotateSecretSchema,
    bodyOptional: true,
    successResponses: {
      200: { description: 'The endpoint with its new secret.', body: createdWebhookSchema, headers: ['ETag'] },
    },
  },
  {
    method: 'post',
    path: '/v1/webhooks/:id/test',
    operationId: 'testWebhook',
    tag,
    summary: 'Send a test',
    description:
      'Makes one signed request to the endpoint, disabled or not, and answers with what came of it. It is a delivery like ' +
      'others, with the trigger `test`, but it is not tried again, says nothing about the health of the endpoint and ends ' +
      'as `delivered` or `canceled`. Its `webhook-id` begins with `test_`.',
    body: testEventSchema,
    bodyOptional: true,
    successResponses: {
      200: { description: 'The test and its attempt.', body: deliveryDetailSchema, headers: ['Location'] },
      202: {
        description: 'Not finished within 12 seconds; look again.',
        body: deliveryDetailSchema,
        headers: ['Location'],
      },
    },
  },
  {
    method: 'post',
    path: '/v1/webhooks/:id/preview',
    operationId: 'previewRequest',
    tag,
    summary: 'Show a request without sending it',
    description:
      'The very bytes, headers and signature of a request as it would be made now, to find out why a receiver refuses them. ' +
      'Nothing is sent or recorded. Receivers accept such a signature for minutes: its `webhook-id` begins with `preview_`.',
    body: testEventSchema,
    bodyOptional: true,
    successResponses: { 200: { description: 'The request.', body: requestPreviewSchema } },
  },
];
