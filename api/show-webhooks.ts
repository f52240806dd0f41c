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
  /** Answers with one of the account that asked, its entity tag, and what else is told this once. */
  readonly respondWithWebhook: (response: Response, row: WebhookRecord, once?: { secret: string }) => Promise<void>;
}

export function createShowWebhooks({ db, now }: { db: Database; now: () => number }): ShowWebhooks {
  async function presentWebhooks(accountId: string, rows: readonly WebhookRecord[]): Promise<Webhook[]> {
    const asked = { webhookIds: rows.map(({ id }) => id), sinceMs: now() - DAY_MS };
    const health = await readDeliveryHealth(db, accountId, asked);
    return rows.map((row) => presentWebhook(row, health.get(row.id)));
  }

  async function respondWithWebhook(response: Response, row: WebhookRecord, once?: { secret: string }): Promise<void> {
    const [webhook] = (await presentWebhooks(getAccountId(response), [row])) as [Webhook];
    // Express answers a GET with 304 where If-None-Match has it.
    response.set('ETag', computeEntityTag(webhook, row.revision));
    response.json({ ...webhook, ...once });
  }

  return { presentWebhooks, respondWithWebhook };
}
