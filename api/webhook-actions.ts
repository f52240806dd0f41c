import { Router } from 'express';
import { disableWebhookSchema, enableWebhookSchema, rotateSecretSchema } from '../contracts/rest/webhook.js';
import { changeWebhookStatus, rotateWebhookSecret, type StatusChange } from '../db/webhooks/change-webhook.js';
import type { Database } from '../db/client.js';
import { findWebhook } from '../db/webhooks/webhooks.js';
import { generateSecret } from '../domain/security/secret-input.js';
import type { SecretBox } from '../keys/secret-box.js';
import { requireFound, throwMissingOrChanged } from './existing-webhook.js';
import { ensureRevisionMatches, parseIfMatch } from './expected-revisions.js';
import { getAccountId, parsePathId } from './identity.js';
import { createSealSecret } from './seal-secret.js';
import { createShowWebhooks } from './show-webhooks.js';
import { parseOptionalBody } from './validate.js';

export interface WebhookActionsDeps {
  readonly db: Database;
  readonly secrets: SecretBox;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const WEBHOOK_PATH = '/v1/webhooks/:id';

/** Routes that enable or disable an endpoint, and rotate its secret. */
export function createWebhookActionsRouter(dependencies: WebhookActionsDeps): Router {
  const { db, secrets } = dependencies;
  const { respondWithWebhook } = createShowWebhooks(dependencies);
  const sealSecret = createSealSecret(db, secrets);
  const router = Router();

  const changeStatus = async (accountId: string, change: StatusChange) =>
    (await changeWebhookStatus(db, accountId, change)) ?? (await throwMissingOrChanged(db, accountId, change));

  router.post(`${WEBHOOK_PATH}/enable`, async (request, response) => {
    const target = { id: parsePathId(request), revisions: parseIfMatch(request) };
    parseOptionalBody(request, enableWebhookSchema);
    await respondWithWebhook(response, await changeStatus(getAccountId(response), { ...target, status: 'enabled' }));
  });

  router.post(`${WEBHOOK_PATH}/disable`, async (request, response) => {
    const target = { id: parsePathId(request), revisions: parseIfMatch(request) };
    const { reason } = parseOptionalBody(request, disableWebhookSchema);
    await respondWithWebhook(
      response,
      await changeStatus(getAccountId(response), { ...target, status: 'disabled', note: reason }),
    );
  });

  router.post(`${WEBHOOK_PATH}/secret/rotate`, async (request, response) => {
    const accountId = getAccountId(response);
    const target = { id: parsePathId(request), revisions: parseIfMatch(request) };
    const { gracePeriodSeconds } = parseOptionalBody(request, rotateSecretSchema);
    // Read first, so that an unknown id costs no call of the key service.
    ensureRevisionMatches(requireFound(await findWebhook(db, accountId, target.id)), target.revisions);
    const { secret, key } = generateSecret();
    const secretEnc = await sealSecret({ accountId, webhookId: target.id, key });
    const row = await rotateWebhookSecret(db, accountId, { ...target, secretEnc, gracePeriodSeconds });
    await respondWithWebhook(response, row ?? (await throwMissingOrChanged(db, accountId, target)), { secret });
  });

  return router;
}
