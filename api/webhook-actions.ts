import { Router } from 'express';
import { disableWebhookSchema, enableWebhookSchema, rotateSecretSchema } from '../contracts/rest/webhook.js';
import { changeWebhookStatus, rotateWebhookSecret, type StatusChange } from '../db/webhooks/change-webhook.js';
import type { Database } from '../db/client.js';
import { findWebhook } from '../db/webhooks/webhooks.js';
import { generateSecret } from '../domain/security/secret-input.js';
import type { SecretBox } from '../keys/secret-box.js';
import { existing, missingOrChanged } from './existing-webhook.js';
import { ensureExpected, expectedRevisions } from './expected-revisions.js';
import { identityOf, idOf } from './identity.js';
import { createSealSecret } from './seal-secret.js';
import { createShowWebhooks } from './show-webhooks.js';
import { optionalBodyOf } from './validate.js';

export interface WebhookActionsDependencies {
  readonly db: Database;
  readonly secrets: SecretBox;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const ONE = '/v1/webhooks/:id';

/** What can be done with an endpoint besides describing it. */
export function createWebhookActionsRouter(dependencies: WebhookActionsDependencies): Router {
  const { db, secrets } = dependencies;
  const { show } = createShowWebhooks(dependencies);
  const sealSecret = createSealSecret(db, secrets);
  const router = Router();

  const changeStatus = async (accountId: string, asked: StatusChange) =>
    (await changeWebhookStatus(db, accountId, asked)) ?? (await missingOrChanged(db, accountId, asked));

  router.post(`${ONE}/enable`, async (request, response) => {
    const target = { id: idOf(request), revisions: expectedRevisions(request) };
    optionalBodyOf(request, enableWebhookSchema);
    await show(response, await changeStatus(identityOf(response), { ...target, status: 'enabled' }));
  });

  router.post(`${ONE}/disable`, async (request, response) => {
    const target = { id: idOf(request), revisions: expectedRevisions(request) };
    const { reason } = optionalBodyOf(request, disableWebhookSchema);
    await show(response, await changeStatus(identityOf(response), { ...target, status: 'disabled', note: reason }));
  });

  router.post(`${ONE}/secret/rotate`, async (request, response) => {
    const accountId = identityOf(response);
    const target = { id: idOf(request), revisions: expectedRevisions(request) };
    const { gracePeriodSeconds } = optionalBodyOf(request, rotateSecretSchema);
    // Asked first, so that an id of nobody's costs no call of the key service.
    ensureExpected(existing(await findWebhook(db, accountId, target.id)), target.revisions);
    const { secret, key } = generateSecret();
    const secretEnc = await sealSecret({ accountId, webhookId: target.id, key });
    const row = await rotateWebhookSecret(db, accountId, { ...target, secretEnc, gracePeriodSeconds });
    await show(response, row ?? (await missingOrChanged(db, accountId, target)), { secret });
  });

  return router;
}
