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
      'Events of the chosen types are sent to `url` from now on. Only this response holds the secret that signs them: ' +
      'store it where your receiver can read it. An account has at most ten webhooks.\n\n' +
      'With an `Idempotency-Key` the request may be repeated: as long as the webhook exists, the response to a repetition is ' +
      '200 with the webhook. No response shows a secret twice: if the first response was lost, rotate the secret. ' +
      'A different request with the same key is refused.',
    body: createWebhookSchema,
    headers: ['Idempotency-Key'],
    successResponses: {
      201: { description: 'Registered.', body: createdWebhookSchema, headers: ['Location', 'ETag'] },
      200: {
        description:
          'An earlier request with the same `Idempotency-Key` registered the webhook. Its response showed the secret.',
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
    description: 'Endpoints of the account, newest first, without their secrets.',
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
      'Settings, status and health of the endpoint, without its secret. `health` covers at most the newest 1,000 deliveries, so ' +
      'that the request is fast for a busy endpoint too.',
    headers: ['If-None-Match'],
    successResponses: {
      200: { description: 'The endpoint.', body: webhookSchema, headers: ['ETag'] },
      304: { description: 'The endpoint has not changed since the `ETag` was read.', headers: ['ETag'] },
    },
  },
  {
    method: 'put',
    path: '/v1/webhooks/:id',
    operationId: 'replaceWebhook',
    tag,
    summary: 'Replace an endpoint',
    description:
      'Replaces all settings: absent fields get their defaults. `secret` rotates the secret: every later attempt is signed ' +
      'with the new one, retries of earlier events included; for `gracePeriodSeconds` the previous one signs too. `status` ' +
      'disables or enables the endpoint.',
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
      'A merge patch (RFC 7396): absent fields are kept, null removes a value, entries of `metadata` are merged by name. ' +
      '`application/json` is treated the same way.',
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
    description:
      'No further request is sent to the endpoint. Deliveries that wait for their next attempt end as `canceled`.',
    headers: ['If-Match'],
    successResponses: { 204: { description: 'Removed.' } },
  },
  {
    method: 'post',
    path: '/v1/webhooks/:id/enable',
    operationId: 'enableWebhook',
    tag,
    summary: 'Enable an endpoint',
    description:
      'Events are sent to the endpoint from now on. Deliveries that were skipped while it was disabled can be replayed.',
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
      'No request is sent to the endpoint until it is enabled. Its deliveries end as `skipped_disabled`. An endpoint that is ' +
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
    summary: 'Rotate the secret',
    description:
      'Only this response holds the new secret. Every later attempt is signed with it, retries of earlier events included; ' +
      'for `gracePeriodSeconds` the previous one signs too.',
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
    summary: 'Send a test event',
    description:
      'Sends one signed request to the endpoint, even if it is disabled, and responds with the result. The test is a delivery ' +
      'with the trigger `test`. It is not retried, does not affect the health of the endpoint, and ends as `delivered` or ' +
      '`canceled`. Its `webhook-id` starts with `test_`.',
    body: testEventSchema,
    bodyOptional: true,
    successResponses: {
      200: { description: 'The test delivery and its attempt.', body: deliveryDetailSchema, headers: ['Location'] },
      202: {
        description: 'The test has not finished within 12 seconds; read the delivery later.',
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
    summary: 'Preview a request',
    description:
      'Returns the exact body, headers and signature of a request as it would be sent now, to find out why a receiver rejects ' +
      'it. Nothing is sent or recorded. Receivers accept this signature for some minutes; its `webhook-id` starts with ' +
      '`preview_`.',
    body: testEventSchema,
    bodyOptional: true,
    successResponses: { 200: { description: 'The request.', body: requestPreviewSchema } },
  },
];
