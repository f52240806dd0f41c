import { Router, type Request } from 'express';
import { testEventSchema, type RequestPreview } from '../contracts/rest/test-event.js';
import type { TestWebhook } from '../control/test-webhook.js';
import type { Database } from '../db/client.js';
import { findAttempts } from '../db/queries/deliveries.js';
import { renderTestBody, type TestEvent } from '../db/delivery-path/insert-test-delivery.js';
import { findSigningSecrets } from '../db/webhooks/webhooks.js';
import { buildRequestHeaders } from '../domain/security/request-headers.js';
import { loadEndpointKeys } from '../keys/load-endpoint-keys.js';
import type { SecretBox } from '../keys/secret-box.js';
import { signRequest } from '../keys/sign-request.js';
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

/** Routes that send a test event to an endpoint, or show the request without sending it. */
export function createWebhookTestAndPreviewRouter(deps: WebhookTestAndPreviewDeps): Router {
  const { db, secrets, testWebhook, now } = deps;
  const router = Router();

  /** Receivers recognize a test event by the prefix of its id, which is signed. */
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
    // 202: the test still runs. It ends in any case, and the customer can look it up.
    response.status(delivery.status === 'waiting' ? 202 : 200);
    response.location(`/v1/deliveries/${deliveryId}`).json(delivery);
  });

  router.post('/v1/webhooks/:id/preview', async (request, response) => {
    const accountId = getAccountId(response);
    const webhookId = parsePathId(request);
    const event = readTestEvent(request, 'preview');
    const { url, secretEnc, previousSecretEnc } = requireFound(await findSigningSecrets(db, accountId, webhookId));
    const body = await renderTestBody(db, accountId, event);
    const sealed = { accountId, webhookId, secretEnc, previousSecretEnc: previousSecretEnc ?? undefined };
    const signer = await loadEndpointKeys(secrets, sealed);
    const timestampSeconds = Math.floor(now() / 1_000);
    const { eventId } = event;
    const signature = signRequest(secrets, signer, { id: eventId, timestampSeconds, body: Buffer.from(body, 'utf8') });
    const headers = buildRequestHeaders(signature, 1);
    const signedContent = `${eventId}.${String(timestampSeconds)}.${body}`;
    response.json({ method: 'POST', url, headers, body, signedContent } satisfies RequestPreview);
  });

  return router;
}
