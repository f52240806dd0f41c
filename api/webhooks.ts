import { Router } from 'express';
import { pageFrom, pageQuerySchema } from '../contracts/rest/page.js';
import { createWebhookSchema, patchWebhookSchema, replaceWebhookSchema } from '../contracts/rest/webhook.js';
import type { EndDeliveriesOf } from '../control/end-deliveries.js';
import { deleteWebhook, replaceWebhook } from '../db/webhooks/change-webhook.js';
import { findWebhook, listWebhooks } from '../db/webhooks/webhooks.js';
import type { UrlGate } from '../domain/security/url-gate.js';
import { keyOf, permittedUrl } from './endpoint-input.js';
import { ensureExpected, expectedRevisions } from './expected-revisions.js';
import { existing, missingOrChanged } from './existing-webhook.js';
import { idempotencyKeyOf } from './idempotency-key.js';
import { identityOf, idOf } from './identity.js';
import { patchWebhook } from './patch-webhook.js';
import { createRegisterWebhook, type RegistrationDependencies } from './register-webhook.js';
import { createSealSecret } from './seal-secret.js';
import { createShowWebhooks } from './show-webhooks.js';
import { bodyOf, queryOf } from './validate.js';

export interface WebhooksDependencies extends RegistrationDependencies {
  readonly urlGate: UrlGate;
  /** Not waited for: without it they end at their next attempt. */
  readonly endDeliveries: EndDeliveriesOf;
}

const PATH = '/v1/webhooks';
const ONE = `${PATH}/:id`;
export const MERGE_PATCH = 'application/merge-patch+json';

/** Registration, reading, replacement and removal of an account's endpoints. */
export function createWebhooksRouter(dependencies: WebhooksDependencies): Router {
  const router = Router();
  addReading(router, dependencies);
  addWriting(router, dependencies);
  addRemoval(router, dependencies);
  return router;
}

function addReading(router: Router, dependencies: WebhooksDependencies): void {
  const { db } = dependencies;
  const { present, show } = createShowWebhooks(dependencies);

  router.get(PATH, async (request, response) => {
    const { limit, cursor } = queryOf(request, pageQuerySchema);
    const accountId = identityOf(response);
    const rows = await listWebhooks(db, accountId, { limit, after: cursor });
    response.json(pageFrom(await present(accountId, rows), limit));
  });

  router.get(ONE, async (request, response) => {
    await show(response, existing(await findWebhook(db, identityOf(response), idOf(request))));
  });
}

function addWriting(router: Router, dependencies: WebhooksDependencies): void {
  const { db, urlGate, secrets } = dependencies;
  const { show } = createShowWebhooks(dependencies);
  const registerWebhook = createRegisterWebhook(dependencies);
  const sealSecret = createSealSecret(db, secrets);

  router.post(PATH, async (request, response) => {
    const accountId = identityOf(response);
    const idempotencyKey = idempotencyKeyOf(request);
    const body = bodyOf(request, createWebhookSchema);
    const url = permittedUrl(urlGate, body.url);
    const { webhook, secret } = await registerWebhook({ accountId, body: { ...body, url }, idempotencyKey });
    response.location(`${PATH}/${webhook.id}`);
    if (secret !== undefined) return await show(response.status(201), webhook, { secret });
    // 200, not 201 once more: nothing was made, and a 201 is what holds a secret.
    await show(response.set('Idempotent-Replayed', 'true'), webhook);
  });

  router.put(ONE, async (request, response) => {
    const accountId = identityOf(response);
    const target = { id: idOf(request), revisions: expectedRevisions(request) };
    const { secret, ...content } = bodyOf(request, replaceWebhookSchema);
    const url = permittedUrl(urlGate, content.url);
    const key = secret === undefined ? undefined : keyOf(secret);
    // Asked first, so that an id of nobody's costs no call of the key service.
    ensureExpected(existing(await findWebhook(db, accountId, target.id)), target.revisions);
    const secretEnc = key && (await sealSecret({ accountId, webhookId: target.id, key }));
    const row = await replaceWebhook(db, accountId, { ...content, ...target, url, secretEnc });
    await show(response, row ?? (await missingOrChanged(db, accountId, target)));
  });

  router.patch(ONE, async (request, response) => {
    response.set('Accept-Patch', MERGE_PATCH);
    const target = { accountId: identityOf(response), id: idOf(request), revisions: expectedRevisions(request) };
    const { url, ...rest } = bodyOf(request, patchWebhookSchema, [MERGE_PATCH, 'application/json']);
    const patch = { ...rest, ...(url !== undefined && { url: permittedUrl(urlGate, url) }) };
    await show(response, await patchWebhook(db, { ...target, patch }));
  });
}

function addRemoval(router: Router, { db, endDeliveries }: WebhooksDependencies): void {
  router.delete(ONE, async (request, response) => {
    const accountId = identityOf(response);
    const target = { id: idOf(request), revisions: expectedRevisions(request) };
    if (!(await deleteWebhook(db, accountId, target))) await missingOrChanged(db, accountId, target);
    void endDeliveries(accountId, target.id);
    response.status(204).end();
  });
}
