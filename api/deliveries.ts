import { Router } from 'express';
import { type DeliveryQuery, deliveryQuerySchema, type RetryAccepted } from '../contracts/rest/delivery.js';
import { buildPage } from '../contracts/rest/page.js';
import type { Database } from '../db/client.js';
import { findAttempts } from '../db/queries/deliveries.js';
import { type DeliveryFilter, listDeliveries } from '../db/queries/list-deliveries.js';
import { findWebhook } from '../db/webhooks/webhooks.js';
import { getAccountId, parsePathId } from './identity.js';
import { presentDelivery, presentDeliveryDetail } from './present.js';
import { ProblemError } from './problem-error.js';
import type { CancelDelivery } from '../control/cancel-delivery.js';
import type { ReplayDelivery } from '../control/replay-delivery.js';
import { parseQuery } from './validate.js';

export interface DeliveriesDeps {
  readonly db: Database;
  readonly replayDelivery: ReplayDelivery;
  readonly cancelDelivery: CancelDelivery;
}

/** Routes that list, show, replay and cancel an account's deliveries. */
export function createDeliveriesRouter({ db, replayDelivery, cancelDelivery }: DeliveriesDeps): Router {
  const router = Router();

  router.get('/v1/webhooks/:id/deliveries', async (request, response) => {
    const accountId = getAccountId(response);
    const webhookId = parsePathId(request);
    const query = parseQuery(request, deliveryQuerySchema);
    if ((await findWebhook(db, accountId, webhookId)) === undefined) throw new ProblemError('not_found');
    response.json(await readDeliveryPage(db, accountId, { ...query, webhookId }));
  });

  router.get('/v1/deliveries', async (request, response) => {
    response.json(await readDeliveryPage(db, getAccountId(response), parseQuery(request, deliveryQuerySchema)));
  });

  router.get('/v1/deliveries/:id', async (request, response) => {
    const rows = await findAttempts(db, getAccountId(response), parsePathId(request));
    const delivery = presentDeliveryDetail(rows);
    if (delivery === undefined) throw new ProblemError('not_found');
    response.json(delivery);
  });

  router.post('/v1/deliveries/:id/retry', async (request, response) => {
    const deliveryId = parsePathId(request);
    // Constant texts: both are stored in Temporal, where a customer's free text could carry personal data.
    const replayRequest = {
      accountId: getAccountId(response),
      deliveryId,
      requestedBy: 'customer',
      reason: 'requested through the API',
    };
    const accepted = await replayDelivery(replayRequest);
    if (accepted === undefined) throw new ProblemError('not_found');
    const body: RetryAccepted = { ...accepted, deliveryId };
    response.status(202).location(`/v1/deliveries/${deliveryId}`).json(body);
  });

  router.post('/v1/deliveries/:id/cancel', async (request, response) => {
    const canceled = await cancelDelivery({ accountId: getAccountId(response), deliveryId: parsePathId(request) });
    if (canceled === undefined) throw new ProblemError('not_found');
    const { kind, row } = canceled;
    if (kind === 'ended_before' || kind === 'ended_otherwise') throw new ProblemError('delivery_ended');
    response.status(kind === 'canceled' ? 200 : 202).json(presentDelivery(row));
  });

  return router;
}

type DeliveryListRequest = DeliveryQuery & Pick<DeliveryFilter, 'webhookId'>;

async function readDeliveryPage(db: Database, accountId: string, { cursor, from, to, ...filter }: DeliveryListRequest) {
  const found = await listDeliveries(db, accountId, { ...filter, after: cursor, fromMs: from, toMs: to });
  return buildPage(found.rows.map(presentDelivery), filter.limit, found.resumeAfterId);
}
