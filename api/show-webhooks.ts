import type { Response } from 'express';
import type { Webhook } from '../contracts/rest/webhook.js';
import type { Database } from '../db/client.js';
import { readDeliveryHealth } from '../db/queries/delivery-health.js';
import type { WebhookRecord } from '../db/webhooks/webhook-record.js';
import { computeEntityTag } from './entity-tag.js';
import { getAccountId } from './identity.js';
import { presentWebhook } from './present.js';
import { DAY_MS } from '../domain/delivery/durations.js';

export interface ShowWebhooks {
  /** With their health. */
  readonly presentWebhooks: (accountId: string, rows: readonly WebhookRecord[]) => Promise<Webhook[]>;
  /** Responds with a webhook of the request's account and its entity tag. `once` adds a new secret to this response alone. */
  readonly respondWithWebhook: (response: Response, row: WebhookRecord, once?: { secret: string }) => Promise<void>;
}

export function createShowWebhooks({ db, now }: { db: Database; now: () => number }): ShowWebhooks {
  async function presentWebhooks(accountId: string, rows: readonly WebhookRecord[]): Promise<Webhook[]> {
    const query = { webhookIds: rows.map(({ id }) => id), sinceMs: now() - DAY_MS };
    const health = await readDeliveryHealth(db, accountId, query);
    return rows.map((row) => presentWebhook(row, health.get(row.id)));
  }

  async function respondWithWebhook(response: Response, row: WebhookRecord, once?: { secret: string }): Promise<void> {
    const [webhook] = (await presentWebhooks(getAccountId(response), [row])) as [Webhook];
    // Express answers a GET with 304 if `If-None-Match` names this tag.
    response.set('ETag', computeEntityTag(webhook, row.revision));
    response.json({ ...webhook, ...once });
  }

  return { presentWebhooks, respondWithWebhook };
}
