import type { Webhook } from '../contracts/rest/webhook.js';
import { digestOf } from '../domain/security/digest.js';

/**
 * A strong validator (RFC 9110 §8.8.3): the revision, which counts changes of the endpoint, and a digest of the
 * whole representation, because the health in it changes without a new revision.
 */
export const computeEntityTag = (webhook: Webhook, revision: number): string =>
  `"${String(revision)}-${digestOf(JSON.stringify(webhook)).toString('base64url').slice(0, 16)}"`;
