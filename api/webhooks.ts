import { Router } from 'express';
import { buildPage, pageQuerySchema } from '../contracts/rest/page.js';
import { createWebhookSchema, patchWebhookSchema, replaceWebhookSchema } from '../contracts/rest/webhook.js';
import type { CancelForDeletedWebhook } from '../control/cancel-for-deleted-webhook.js';
import { deleteWebhook, replaceWebhook, type WebhookReplacement } from '../db/webhooks/change-webhook.js';
import { findWebhook, listWebhooks } from '../db/webhooks/webhooks.js';
import type { UrlGate } from '../domain/security/url-gate.js';
import { parseSecretKey, requirePermittedUrl } from './endpoint-input.js';
import { ensureRevisionMatches, parseIfMatch } from './expected-revisions.js';
import { requireFound, throwMissingOrChanged } from './existing-webhook.js';
import { readIdempotencyKey } from './idempotency-key.js';
import { getAccountId, parsePathId } from './identity.js';
import { patchWebhook } from './patch-webhook.js';
import { createRegisterWebhook, type RegisterWebhookDeps } from './register-webhook.js';
import { createSealSecret } from './seal-secret.js';
import { createShowWebhooks } from './show-webhooks.js';
import { parseBody, parseQuery } from './validate.js';

export interface WebhooksDeps extends RegisterWebhookDeps {
  readonly urlGate: UrlGate;
  /** Not awaited. If it fails, the deliveries end at their next attempt. */
  readonly cancelForDeletedWebhook: CancelForDeletedWebhook;
}

const PATH = '/v1/webhooks';
const WEBHOOK_PATH = `${PATH}/:id`;
export const MERGE_PATCH_MEDIA_TYPE = 'application/merge-patch+json';

/** Registration, reading, replacement and removal of an account's endpoints. */
export function createWebhooksRouter(dependencies: WebhooksDeps): Router {
  const router = Router();
  addReadRoutes(router, dependencies);
  addWriteRoutes(router, dependencies);
  addDeleteRoute(router, dependencies);
  return router;
}

function addReadRoutes(router: Router, dependencies: WebhooksDeps): void {
  const { db } = dependencies;
  const { presentWebhooks, respondWithWebhook } = createShowWebhooks(dependencies);

  router.get(PATH, async (request, response) => {
    const { limit, cursor } = parseQuery(request, pageQuerySchema);
    const accountId = getAccountId(response);
    const rows = await listWebhooks(db, accountId, { limit, after: cursor });
    response.json(buildPage(await presentWebhooks(accountId, rows), limit));
  });

  router.get(WEBHOOK_PATH, async (request, response) => {
    await respondWithWebhook(
      response,
      requireFound(await findWebhook(db, getAccountId(response), parsePathId(request))),
    );
  });
}

function addWriteRoutes(router: Router, dependencies: WebhooksDeps): void {
  const { db, urlGate, secrets } = dependencies;
  const { respondWithWebhook: show } = createShowWebhooks(dependencies);
  const registerWebhook = createRegisterWebhook(dependencies);
  const sealSecret = createSealSecret(db, secrets);

  router.post(PATH, async (request, response) => {
    const accountId = getAccountId(response);
    const idempotencyKey = readIdempotencyKey(request);
    const body = parseBody(request, createWebhookSchema);
    const url = requirePermittedUrl(urlGate, body.url);
    const { webhook, secret } = await registerWebhook({ accountId, body: { ...body, url }, idempotencyKey });
    response.location(`${PATH}/${webhook.id}`);
    if (secret !== undefined) return await show(response.status(201), webhook, { secret });
    // 200 instead of 201: nothing was created, and only a 201 holds a secret.
    await show(response.set('Idempotent-Replayed', 'true'), webhook);
  });

  router.put(WEBHOOK_PATH, async (request, response) => {
    const accountId = getAccountId(response);
    const target = { id: parsePathId(request), revisions: parseIfMatch(request) };
    const { secret, ...rest } = parseBody(request, replaceWebhookSchema);
    // The type: a setting that the contract accepts and the database does not store does not compile.
    const content: Pick<WebhookReplacement, keyof typeof rest> = rest;
    const url = requirePermittedUrl(urlGate, content.url);
    const key = secret === undefined ? undefined : parseSecretKey(secret);
    // Read first, so that an unknown id costs no call of the key service.
    ensureRevisionMatches(requireFound(await findWebhook(db, accountId, target.id)), target.revisions);
    const secretEnc = key && (await sealSecret({ accountId, webhookId: target.id, key }));
    const row = await replaceWebhook(db, accountId, { ...content, ...target, url, secretEnc });
    await show(response, row ?? (await throwMissingOrChanged(db, accountId, target)));
  });

  router.patch(WEBHOOK_PATH, async (request, response) => {
    response.set('Accept-Patch', MERGE_PATCH_MEDIA_TYPE);
    const target = { accountId: getAccountId(response), id: parsePathId(request), revisions: parseIfMatch(request) };
    const { url, ...rest } = parseBody(request, patchWebhookSchema, [MERGE_PATCH_MEDIA_TYPE, 'application/json']);
    const patch = { ...rest, ...(url !== undefined && { url: requirePermittedUrl(urlGate, url) }) };
    await show(response, await patchWebhook(db, { ...target, patch }));
  });
}

function addDeleteRoute(router: Router, { db, cancelForDeletedWebhook }: WebhooksDeps): void {
  router.delete(WEBHOOK_PATH, async (request, response) => {
    const accountId = getAccountId(response);
    const target = { id: parsePathId(request), revisions: parseIfMatch(request) };
    if (!(await deleteWebhook(db, accountId, target))) await throwMissingOrChanged(db, accountId, target);
    void cancelForDeletedWebhook(accountId, target.id);
    response.status(204).end();
  });
}
