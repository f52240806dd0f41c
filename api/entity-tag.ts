import type { Webhook } from '../contracts/rest/webhook.js';
import { digestOf } from '../domain/security/digest.js';

/**
 * A strong validator (RFC 9110 §8.8.3): the revision, which counts changes of the endpoint, and a digest of all that is shown,
 * since its health changes without anybody changing it.
 */
export const computeEntityTag = (shown: Webhook, revision: number): string =>
  `"${String(revision)}-${digestOf(JSON.stringify(shown)).toString('base64url').slice(0, 16)}"`;
