import express, { Router } from 'express';
import { createDeliveriesRouter, type DeliveriesDeps } from './deliveries.js';
import { identifyAccount } from './identity.js';
import { createRequestLimit } from './limit-requests.js';
import { refuseOtherMethods } from './refuse-other-methods.js';
import { createStatisticsRouter, type StatisticsDeps } from './statistics.js';
import { createTasksRouter, type TasksDeps } from './tasks.js';
import { createWebhookActionsRouter, type WebhookActionsDeps } from './webhook-actions.js';
import { createWebhookTestAndPreviewRouter, type WebhookTestAndPreviewDeps } from './webhook-test-and-preview.js';
import { createWebhooksRouter, MERGE_PATCH_MEDIA_TYPE, type WebhooksDeps } from './webhooks.js';

export interface RoutesDeps
  extends WebhooksDeps, WebhookActionsDeps, WebhookTestAndPreviewDeps, DeliveriesDeps, StatisticsDeps, TasksDeps {
  /** Requests per account and minute, counted by this process. */
  readonly requestsPerMinute: number;
}

/** Media types of bodies that are parsed. Each route checks which of them it accepts. */
const BODY_TYPES = ['application/json', MERGE_PATCH_MEDIA_TYPE];
/** Counted after decompression. */
const MAX_BODY = '16kb';

/** All routes for customers. The account is identified first, then its rate limit is applied, and only then a body is parsed. */
export function createRoutes({ requestsPerMinute, ...dependencies }: RoutesDeps): Router {
  const routes = Router();
  routes.use('/v1', identifyAccount, createRequestLimit(requestsPerMinute));
  routes.use('/v1', express.json({ limit: MAX_BODY, type: [...BODY_TYPES], strict: true }));
  routes.use(refuseOtherMethods(createWebhooksRouter(dependencies)));
  routes.use(refuseOtherMethods(createWebhookActionsRouter(dependencies)));
  routes.use(refuseOtherMethods(createWebhookTestAndPreviewRouter(dependencies)));
  routes.use(refuseOtherMethods(createDeliveriesRouter(dependencies)));
  routes.use(refuseOtherMethods(createStatisticsRouter(dependencies)));
  routes.use(refuseOtherMethods(createTasksRouter(dependencies)));
  return routes;
}
