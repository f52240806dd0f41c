import type { SignatureHeaders } from './signing.js';

/** The name of this service in `User-Agent`. */
const USER_AGENT = 'webhook-dispatcher/1';

/** The headers of one request to an endpoint. `attempt` counts from 1; the signature does not cover it. */
export const buildRequestHeaders = (signature: SignatureHeaders, attempt: number) => ({
  ...signature,
  'content-type': 'application/json',
  'user-agent': USER_AGENT,
  'webhook-attempt': String(attempt),
});
