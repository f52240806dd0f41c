import { Router, type Request } from 'express';
import { testEventSchema, type RequestPreview } from '../contracts/rest/test-event.js';
import type { TestWebhook } from '../control/test-webhook.js';
import type { Database } from '../db/client.js';
import { findAttempts } from '../db/queries/deliveries.js';
import { renderTestBody, type TestEvent } from '../db/delivery-path/insert-test-delivery.js';
import { findSigningSecrets } from '../db/webhooks/webhooks.js';
import type { SecretBox } from '../keys/secret-box.js';
import { loadEndpointKeys, createAttemptHeaders } from '../keys/sign-attempt.js';
import { requireFound } from './existing-webhook.js';
import { getAccountId, parsePathId } from './identity.js';
import { presentDeliveryDetail } from './present.js';
import { parseOptionalBody } from './validate.js';

export interface WebhookTestAndPreviewDeps {
  readonly db: Database;
  readonly secrets: SecretBox;
  readonly testWebhook: TestWebhook;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Trying an endpoint out with an event that the customer makes up: with a request, or only on paper. */
export function createWebhookTestAndPreviewRouter(deps: WebhookTestAndPreviewDeps): Router {
  const { db, secrets, testWebhook, now } = deps;
  const router = Router();

  /** Whoever receives it can tell it from an event by its id, which is signed. */
  const readTestEvent = (request: Request, kind: 'test' | 'preview'): TestEvent => {
    const { eventType, data } = parseOptionalBody(request, testEventSchema);
    const eventId = `${kind}_${crypto.randomUUID().replaceAll('-', '')}`;
    return { eventId, eventType, timestamp: new Date(now()).toISOString(), data: JSON.stringify(data) };
  };

  router.post('/v1/webhooks/:id/test', async (request, response) => {
    const accountId = getAccountId(response);
    const webhookId = parsePathId(request);
    const deliveryId = requireFound(await testWebhook({ accountId, webhookId, event: readTestEvent(request, 'test') }));
    const delivery = requireFound(presentDeliveryDetail(await findAttempts(db, accountId, deliveryId)));
    // Still under way, and concluded in any case: the customer can look it up.
    response.status(delivery.status === 'waiting' ? 202 : 200);
    response.location(`/v1/deliveries/${deliveryId}`).json(delivery);
  });

  router.post('/v1/webhooks/:id/preview', async (request, response) => {
    const accountId = getAccountId(response);
    const webhookId = parsePathId(request);
    const event = readTestEvent(request, 'preview');
    const { url, secretEnc, previousSecretEnc } = requireFound(await findSigningSecrets(db, accountId, webhookId));
    const text = await renderTestBody(db, accountId, event);
    const sealed = { accountId, webhookId, secretEnc, previousSecretEnc: previousSecretEnc ?? undefined };
    const signer = await loadEndpointKeys(secrets, sealed);
    const timestampSeconds = Math.floor(now() / 1_000);
    const { eventId } = event;
    const sent = { eventId, body: Buffer.from(text, 'utf8'), timestampSeconds, attempt: 1 };
    const headers = createAttemptHeaders(secrets, signer, sent);
    const signedContent = `${eventId}.${String(timestampSeconds)}.${text}`;
    response.json({ method: 'POST', url, headers, body: text, signedContent } satisfies RequestPreview);
  });

  return router;
}
