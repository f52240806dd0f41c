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
    'When this attempt was signed, in seconds since 1970. Refuse what is more than five minutes away from your clock.',
    '1795428900',
  ),
  header(
    'webhook-signature',
    '`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, with the bytes behind `whsec_` in base64 as the key. While ' +
      'a secret is being rotated there are two, separated by a space: accept the request if one of them is right.',
    'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=',
  ),
  header('webhook-attempt', 'Counts from 1 over all attempts and replays of this delivery. It is not signed.', '1'),
];

/** What an endpoint receives: the request of Standard Webhooks 1.0.0, as an OpenAPI path item. */
export const describeSentRequest = (components: Components): OpenApiPathItem => ({
  post: {
    operationId: 'receiveEvent',
    tags: ['Receiving'],
    summary: 'Receive an event',
    description:
      'Sent to the `url` of every enabled endpoint whose `eventTypes` match. Verify the signature over the bytes as they ' +
      'arrive, before parsing them. Answer with any 2xx within five seconds, and do the work afterwards. Every other answer, ' +
      'redirects included, is tried again after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h, give or take a ' +
      'fifth, and never before the time in `Retry-After`. The same event can arrive twice, and events can arrive in another ' +
      'order than they happened.',
    parameters: HEADERS,
    requestBody: {
      required: true,
      content: { 'application/json': { schema: components.refer(eventSchema, 'output') } },
    },
    security: [],
    responses: {
      '2XX': { description: 'Received. Nothing of the answer is used but its first 512 characters, which are kept.' },
      '410': { description: 'Never send anything here again: the endpoint becomes `disabled`.' },
      '4XX': { description: 'Not received: tried again later.' },
      '5XX': { description: 'Not received: tried again later.' },
    },
  },
});
