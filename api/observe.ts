import type { Request, RequestHandler, Response } from 'express';

/** One request as it is logged and counted: the route's pattern instead of its path, and no text of the client. */
export interface Observation {
  readonly requestId: string;
  readonly accountId: string | undefined;
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
  /** The error, if the client did not cause it. */
  readonly error: unknown;
}

export type Observe = (observation: Observation) => void;

const REQUEST_ID = /^[A-Za-z0-9_-]{8,64}$/;
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']);

/** Kong's request id if it is safe to log, otherwise a new one. */
function readRequestId({ headersDistinct }: Request): string {
  const [given] = headersDistinct['x-request-id'] ?? headersDistinct['kong-request-id'] ?? [];
  return given !== undefined && REQUEST_ID.test(given) ? given : crypto.randomUUID();
}

/** Routes are declared with their whole path: Express has reset `baseUrl` when a failed request is observed. */
function readRoute(request: Request): string {
  const route = (request as { route?: { path?: unknown } }).route?.path;
  return typeof route === 'string' ? route : 'none';
}

export function createObserver(observe: Observe, now: () => number) {
  const errors = new WeakMap<Response, unknown>();

  const watch: RequestHandler = (request, response, next) => {
    const startedMs = now();
    const requestId = readRequestId(request);
    response.set('X-Request-Id', requestId);
    response.once('close', () => {
      observe({
        requestId,
        accountId: response.locals['accountId'] as string | undefined,
        method: METHODS.has(request.method) ? request.method : 'other',
        route: readRoute(request),
        status: response.statusCode,
        durationMs: now() - startedMs,
        error: errors.get(response),
      });
    });
    next();
  };
  const report = (error: unknown, response: Response) => void errors.set(response, error);
  return { watch, report };
}
