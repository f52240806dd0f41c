import { Router } from 'express';
import { deliveryQuerySchema, type RetryAccepted } from '../contracts/attempt.js';
import { pageFrom } from '../contracts/page.js';
import type { Database } from '../db/client.js';
import { findAttempts, listDeliveries } from '../db/deliveries.js';
import { findWebhook } from '../db/webhooks.js';
import { identityOf, idOf } from './identity.js';
import { presentDelivery, presentDeliveryDetail } from './present.js';
import { ProblemError } from './problem-error.js';
import type { ReplayDelivery } from '../control/replay-delivery.js';
import { queryOf } from './validate.js';

export interface DeliveriesDependencies {
  readonly db: Database;
  readonly replayDelivery: ReplayDelivery;
}

/** What became of an account's events, and sending one again. */
export function createDeliveriesRouter({ db, replayDelivery }: DeliveriesDependencies): Router {
  const router = Router();

  router.get('/v1/webhooks/:id/deliveries', async (request, response) => {
    const accountId = identityOf(response);
    const webhookId = idOf(request);
    const { limit, cursor, status } = queryOf(request, deliveryQuerySchema);
    if ((await findWebhook(db, accountId, webhookId)) === undefined) throw new ProblemError('not_found');
    const rows = await listDeliveries(db, accountId, { webhookId, status, limit, after: cursor });
    response.json(pageFrom(rows.map(presentDelivery), limit));
  });

  router.get('/v1/deliveries/:id', async (request, response) => {
    const rows = await findAttempts(db, identityOf(response), idOf(request));
    const delivery = presentDeliveryDetail(rows);
    if (delivery === undefined) throw new ProblemError('not_found');
    response.json(delivery);
  });

  router.post('/v1/deliveries/:id/retry', async (request, response) => {
    const deliveryId = idOf(request);
    // Constant texts: both are stored in Temporal, where a customer's free text could carry personal data.
    const asked = {
      accountId: identityOf(response),
      deliveryId,
      requestedBy: 'customer',
      reason: 'asked through the API',
    };
    const accepted = await replayDelivery(asked);
    if (accepted === undefined) throw new ProblemError('not_found');
    const body: RetryAccepted = { ...accepted, deliveryId };
    response.status(202).location(`/v1/deliveries/${deliveryId}`).json(body);
  });

  return router;
}
