import express, { type Express, type RequestHandler } from 'express';
import { createDocumentationRouter } from './documentation.js';
import { createObserver, type Observe } from './observe.js';
import { respondWithProblem } from './problem-handler.js';
import { refuseOtherMethods } from './refuse-other-methods.js';
import { createRoutes, type RoutesDeps } from './routes.js';

export interface AppDeps extends RoutesDeps {
  /** Called once a request, after its answer. */
  readonly observe: Observe;
  /** True while the process ends: clients are told to come back on another connection. */
  readonly isStopping: () => boolean;
}

/** The public application, not listening. It trusts `X-Account-Id`: only Kong may reach it. */
export function createApp({ observe, isStopping, ...dependencies }: AppDeps): Express {
  const app = express();
  const observer = createObserver(observe, dependencies.now);
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');

  app.use(observer.watch, setProtectiveHeaders(isStopping));
  // A router with an end of its own: Express tells error handlers by counting parameters.
  const routes = createRoutes(dependencies);
  routes.use(refuseOtherMethods(createDocumentationRouter()));
  app.use((request, response) => {
    routes(request, response, (error?: unknown) => respondWithProblem(response, error, observer.report));
  });
  return app;
}

/** Answers hold secrets once and strangers' text often: nothing may keep, guess at or run them. */
const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

const setProtectiveHeaders =
  (stopping: () => boolean): RequestHandler =>
  (_request, response, next) => {
    response.set(HEADERS);
    if (stopping()) response.set('Connection', 'close');
    next();
  };
