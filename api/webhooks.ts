import { Router, type Response } from 'express';
import { pageFrom, pageQuerySchema } from '../contracts/page.js';
import { createWebhookSchema, replaceWebhookSchema, type CreatedWebhook } from '../contracts/webhook.js';
import type { Database } from '../db/client.js';
import {
  deleteWebhook,
  findEnvelope,
  findWebhook,
  insertWebhook,
  listWebhooks,
  replaceWebhook,
  type WebhookRecord,
} from '../db/webhooks.js';
import type { UrlGate } from '../domain/security/url-gate.js';
import type { SecretBox } from '../keys/secret-box.js';
import { keyOf, permittedUrl, secretOrNew } from './endpoint-input.js';
import { identityOf, idOf } from './identity.js';
import { newWebhookId } from './new-webhook-id.js';
import { presentWebhook } from './present.js';
import { ProblemError } from './problem-error.js';
import { bodyOf, queryOf } from './validate.js';

export interface WebhooksDependencies {
  readonly db: Database;
  readonly seal: SecretBox['seal'];
  readonly urlGate: UrlGate;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const PATH = '/v1/webhooks';

/** Registration, reading, replacement and removal of an account's endpoints. */
export function createWebhooksRouter({ db, seal, urlGate, now }: WebhooksDependencies): Router {
  const router = Router();
  const sealSecret = createSealing(db, seal);

  router.post(PATH, async (request, response) => {
    const accountId = identityOf(response);
    const body = bodyOf(request, createWebhookSchema);
    const url = permittedUrl(urlGate, body.url);
    const { secret, key } = secretOrNew(body.secret);
    const id = newWebhookId(now());
    const secretEnc = await sealSecret({ accountId, webhookId: id, key });
    const { description, eventTypes } = body;
    const row = await insertWebhook(db, accountId, { id, url, description, eventTypes, secretEnc });
    const created: CreatedWebhook = { ...presentWebhook(row), secret };
    response.status(201).location(`${PATH}/${id}`).json(created);
  });

  router.get(PATH, async (request, response) => {
    const { limit, cursor } = queryOf(request, pageQuerySchema);
    const rows = await listWebhooks(db, identityOf(response), { limit, after: cursor });
    response.json(pageFrom(rows.map(presentWebhook), limit));
  });

  router.get(`${PATH}/:id`, async (request, response) => {
    show(response, await findWebhook(db, identityOf(response), idOf(request)));
  });

  router.put(`${PATH}/:id`, async (request, response) => {
    const accountId = identityOf(response);
    const id = idOf(request);
    const { secret, ...content } = bodyOf(request, replaceWebhookSchema);
    const url = permittedUrl(urlGate, content.url);
    const key = secret === undefined ? undefined : keyOf(secret);
    // Asked first, so that an id of nobody's costs no call of the key service.
    existing(await findWebhook(db, accountId, id));
    const secretEnc = key && (await sealSecret({ accountId, webhookId: id, key }));
    show(response, await replaceWebhook(db, accountId, { ...content, id, url, secretEnc }));
  });

  router.delete(`${PATH}/:id`, async (request, response) => {
    if (!(await deleteWebhook(db, identityOf(response), idOf(request)))) throw new ProblemError('not_found');
    response.status(204).end();
  });

  return router;
}

/** Unknown, foreign and deleted are one case: who asks learns nothing about ids that are not theirs. */
function existing(row: WebhookRecord | undefined): WebhookRecord {
  if (row === undefined) throw new ProblemError('not_found');
  return row;
}

const show = (response: Response, row: WebhookRecord | undefined) => response.json(presentWebhook(existing(row)));

/** Seals outside of any transaction: a slow key service must not hold database connections. */
const createSealing =
  (db: Database, seal: SecretBox['seal']) =>
  async ({ accountId, webhookId, key }: { accountId: string; webhookId: string; key: Buffer }): Promise<Buffer> => {
    try {
      const siblingEnvelope = await findEnvelope(db, accountId);
      return await seal({ accountId, webhookId, secret: key, siblingEnvelope });
    } finally {
      key.fill(0);
    }
  };
