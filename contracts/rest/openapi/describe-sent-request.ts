import { eventSchema } from '../../bus/event.js';
import type { Components } from './components.js';
import type { OpenApiParameter, OpenApiPathItem } from './openapi-document.js';

const header = (name: string, description: string, example: string): OpenApiParameter => ({
  name,
  in: 'header',
  required: true,
  description,
  schema: { type: 'string' },
  example,
});

const HEADERS = [
  header(
    'webhook-id',
    'Id of the event: the same on every attempt, replay and endpoint. Deduplicate by it.',
    'evt_8Kx2mQ',
  ),
  header(
    'webhook-timestamp',
    'Time of the signature, in seconds since 1970. Reject a request whose time differs from your clock by more than five minutes.',
    '1795428900',
  ),
  header(
    'webhook-signature',
    '`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, with the base64-decoded bytes after `whsec_` as the key. ' +
      'After a rotation there may be two, separated by a space: accept the request if one of them is valid.',
    'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=',
  ),
  header(
    'webhook-attempt',
    'Number of the attempt, from 1 over all attempts and replays of this delivery. It is not signed.',
    '1',
  ),
];

/** The request that an endpoint receives (Standard Webhooks 1.0.0), as an OpenAPI path item. */
export const describeSentRequest = (components: Components): OpenApiPathItem => ({
  post: {
    operationId: 'receiveEvent',
    tags: ['Receiving'],
    summary: 'Receive an event',
    description:
      'Sent to the `url` of every enabled endpoint whose `eventTypes` match. Verify the signature over the raw ' +
      'bytes before parsing them. Respond with any 2xx within five seconds, and process the event afterwards. After any other ' +
      'response, redirects included, the request is retried after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h, each up ' +
      'to a fifth longer or shorter, and never before the time in `Retry-After`. The same event can arrive twice, and events ' +
      'can arrive out of order.',
    parameters: HEADERS,
    requestBody: {
      required: true,
      content: { 'application/json': { schema: components.refer(eventSchema, 'output') } },
    },
    security: [],
    responses: {
      '2XX': {
        description: 'Received. The first 512 characters of the response body are stored and shown with the attempt.',
      },
      '410': { description: 'Gone: the endpoint becomes `disabled`, and no further request is sent.' },
      '4XX': { description: 'Not received: the request is retried later.' },
      '5XX': { description: 'Not received: the request is retried later.' },
    },
  },
});
