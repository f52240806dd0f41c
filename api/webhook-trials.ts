import { Router, type Request } from 'express';
import { madeUpEventSchema, type RequestPreview } from '../contracts/rest/test-event.js';
import type { TestWebhook } from '../control/test-webhook.js';
import type { Database } from '../db/client.js';
import { findAttempts } from '../db/queries/deliveries.js';
import { spellEvent, type MadeUpEvent } from '../db/delivery-path/insert-test-delivery.js';
import { findSigningSecrets } from '../db/webhooks/webhooks.js';
import type { SecretBox } from '../keys/secret-box.js';
import { openSigner, signAttempt } from '../keys/sign-attempt.js';
import { existing } from './existing-webhook.js';
import { identityOf, idOf } from './identity.js';
import { presentDeliveryDetail } from './present.js';
import { optionalBodyOf } from './validate.js';

export interface WebhookTrialsDependencies {
  readonly db: Database;
  readonly secrets: SecretBox;
  readonly testWebhook: TestWebhook;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Trying an endpoint out with an event that the customer makes up: with a request, or only on paper. */
export function createWebhookTrialsRouter({ db, secrets, testWebhook, now }: WebhookTrialsDependencies): Router {
  const router = Router();

  /** Whoever receives it can tell it from an event by its id, which is signed. */
  const eventIn = (request: Request, kind: 'test' | 'preview'): MadeUpEvent => {
    const { eventType, data } = optionalBodyOf(request, madeUpEventSchema);
    const eventId = `${kind}_${crypto.randomUUID().replaceAll('-', '')}`;
    return { eventId, eventType, timestamp: new Date(now()).toISOString(), data: JSON.stringify(data) };
  };

  router.post('/v1/webhooks/:id/test', async (request, response) => {
    const accountId = identityOf(response);
    const webhookId = idOf(request);
    const deliveryId = existing(await testWebhook({ accountId, webhookId, event: eventIn(request, 'test') }));
    const delivery = existing(presentDeliveryDetail(await findAttempts(db, accountId, deliveryId)));
    // Still under way, and concluded in any case: the customer can look it up.
    response.status(delivery.status === 'pending' ? 202 : 200);
    response.location(`/v1/deliveries/${deliveryId}`).json(delivery);
  });

  router.post('/v1/webhooks/:id/preview', async (request, response) => {
    const accountId = identityOf(response);
    const webhookId = idOf(request);
    const event = eventIn(request, 'preview');
    const { url, secretEnc, previousSecretEnc } = existing(await findSigningSecrets(db, accountId, webhookId));
    const text = await spellEvent(db, accountId, event);
    const sealed = { accountId, webhookId, secretEnc, previousSecretEnc: previousSecretEnc ?? undefined };
    const signer = await openSigner(secrets, sealed);
    const timestamp = Math.floor(now() / 1_000);
    const body = Buffer.from(text, 'utf8');
    const headers = signAttempt(secrets, signer, { eventId: event.eventId, body, timestamp, attempt: 1 });
    const signedContent = `${event.eventId}.${String(timestamp)}.${text}`;
    response.json({ method: 'POST', url, headers, body: text, signedContent } satisfies RequestPreview);
  });

  return router;
}
