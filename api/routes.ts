import express, { Router } from 'express';
import { createDeliveriesRouter, type DeliveriesDependencies } from './deliveries.js';
import { identify } from './identity.js';
import { createRequestLimit } from './limit-requests.js';
import { refuseOtherMethods } from './refuse-other-methods.js';
import { createStatisticsRouter, type StatisticsDependencies } from './statistics.js';
import { createTasksRouter, type TasksDependencies } from './tasks.js';
import { createWebhookActionsRouter, type WebhookActionsDependencies } from './webhook-actions.js';
import { createWebhookTrialsRouter, type WebhookTrialsDependencies } from './webhook-trials.js';
import { createWebhooksRouter, MERGE_PATCH, type WebhooksDependencies } from './webhooks.js';

export interface RoutesDependencies
  extends
    WebhooksDependencies,
    WebhookActionsDependencies,
    WebhookTrialsDependencies,
    DeliveriesDependencies,
    StatisticsDependencies,
    TasksDependencies {
  /** Requests an account may make in a minute, counted by this process. */
  readonly requestsPerMinute: number;
}

/** Which of them a route takes it says itself. */
const BODY_TYPES = ['application/json', MERGE_PATCH];
/** After inflation, where a body is compressed. */
const MAX_BODY = '16kb';

/** All that a customer can ask: who asks, whether they may ask once more, and only then what they send. */
export function createRoutes({ requestsPerMinute, ...dependencies }: RoutesDependencies): Router {
  const routes = Router();
  routes.use('/v1', identify, createRequestLimit(requestsPerMinute));
  routes.use('/v1', express.json({ limit: MAX_BODY, type: [...BODY_TYPES], strict: true }));
  routes.use(refuseOtherMethods(createWebhooksRouter(dependencies)));
  routes.use(refuseOtherMethods(createWebhookActionsRouter(dependencies)));
  routes.use(refuseOtherMethods(createWebhookTrialsRouter(dependencies)));
  routes.use(refuseOtherMethods(createDeliveriesRouter(dependencies)));
  routes.use(refuseOtherMethods(createStatisticsRouter(dependencies)));
  routes.use(refuseOtherMethods(createTasksRouter(dependencies)));
  return routes;
}
