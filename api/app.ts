import express, { type Express, type RequestHandler } from 'express';
import { createDocumentationRouter } from './documentation.js';
import { createObserver, type Observe } from './observe.js';
import { respondWithProblem } from './problem-handler.js';
import { refuseOtherMethods } from './refuse-other-methods.js';
import { createRoutes, type RoutesDeps } from './routes.js';

export interface AppDeps extends RoutesDeps {
  /** Called once per request, after its response. */
  readonly observe: Observe;
  /** True while the process stops. Responses then carry `Connection: close`, so that clients reconnect elsewhere. */
  readonly isStopping: () => boolean;
}

/** Builds the public application without listening. It trusts `X-Account-Id`, so only Kong may reach it. */
export function createApp({ observe, isStopping, ...dependencies }: AppDeps): Express {
  const app = express();
  const observer = createObserver(observe, dependencies.now);
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');

  app.use(observer.watch, setProtectiveHeaders(isStopping));
  // The routes get our own `next`, for unmatched requests and errors alike: Express recognizes an error handler only by its
  // number of parameters.
  const routes = createRoutes(dependencies);
  routes.use(refuseOtherMethods(createDocumentationRouter()));
  app.use((request, response) => {
    routes(request, response, (error?: unknown) => respondWithProblem(response, error, observer.report));
  });
  return app;
}

/** A response may hold a secret or text of a receiver: clients must not store it, guess its type or run it. */
const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

const setProtectiveHeaders =
  (isStopping: () => boolean): RequestHandler =>
  (_request, response, next) => {
    response.set(HEADERS);
    if (isStopping()) response.set('Connection', 'close');
    next();
  };
