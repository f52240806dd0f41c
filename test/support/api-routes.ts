import type { Router } from 'express';
import type { Response } from 'supertest';
import { createRoutes, type RoutesDeps } from '../../api/routes.js';
import type { createApiWorld } from './api-world.js';
import { CUSTOMER_URL as url } from './api-world.js';

type World = ReturnType<typeof createApiWorld>;

export interface Route {
  /** `GET /v1/webhooks/:id` */
  readonly route: string;
  readonly method: string;
  readonly path: string;
  /** The resources in its path, by the preceding segment: `webhooks` for `/v1/webhooks/:id`. */
  readonly things: readonly string[];
}

interface Layer {
  readonly route?: { readonly path: string; readonly stack: readonly { readonly method?: string }[] };
  readonly handle: unknown;
}

/** The routes of the application, read from its routers, so that an added route is tested without being listed here. */
export function routesOfApi(): Route[] {
  // Routers only store their dependencies until a request arrives.
  const { stack }: Router = createRoutes({ requestsPerMinute: 1 } as RoutesDeps);
  return routed(stack).map(({ method, path }) => {
    const things = [...path.matchAll(/([\w-]+)\/:\w+/g)].map(([, thing = '']) => thing);
    return { route: `${method} ${path}`, method, path, things };
  });
}

const routed = (stack: readonly Layer[]): { method: string; path: string }[] =>
  stack.flatMap(({ route, handle }) => {
    const nested = (handle as { stack?: Layer[] }).stack;
    if (route === undefined) return nested === undefined ? [] : routed(nested);
    // The handler without a method refuses all other methods.
    return route.stack.flatMap(({ method }) => (method ? [{ method: method.toUpperCase(), path: route.path }] : []));
  });

/** Each route accepts at least one of these bodies. A route that accepts none needs its own body here. */
const BODIES: readonly (object | undefined)[] = [
  undefined,
  {},
  { url },
  { url, secret: 'a secret of 24 characters' },
  { since: '2026-01-01T00:00:00Z' },
];

/** An account with one of each resource that a path may name. */
export async function someone(world: World, account: string): Promise<Record<string, string>> {
  const { id } = await world.register(account);
  const { body } = await world.as(account).post(`/v1/webhooks/${id}/recover`).send({ since: '2026-01-01T00:00:00Z' });
  const task = (body as { id: string }).id;
  return { account, webhooks: id, deliveries: await world.deliver(account, id), tasks: task };
}

export const pathOf = ({ path, things }: Route, ids: Readonly<Record<string, string>>): string =>
  things.reduce((filled, thing) => {
    const id = ids[thing];
    if (id === undefined) throw new Error(`test/support/api-routes.ts does not know how to make one of /${thing}`);
    return filled.replace(/:\w+/, id);
  }, path);

export interface Asked {
  readonly account: string;
  readonly path: string;
  readonly body: object | undefined;
}

/** `world.as(…)` with any method and body. */
export function ask(world: World, { method }: Route, { account, path, body }: Asked) {
  const request = world.as(account)[method.toLowerCase() as 'post'](path);
  return body === undefined ? request : request.send(body);
}

/** The first body that this route accepts for a resource of the account itself, and the response. */
export async function firstAccepted(world: World, route: Route, newAccount: () => string) {
  const refused: string[] = [];
  for (const body of BODIES) {
    const own = await someone(world, newAccount());
    const answer: Response = await ask(world, route, { account: own['account']!, path: pathOf(route, own), body });
    if (answer.ok) return { body, answer, own };
    refused.push(`${JSON.stringify(body)}: ${String(answer.status)} ${answer.text}`);
  }
  throw new Error(`${route.route} accepts none of the bodies in test/support/api-routes.ts\n${refused.join('\n')}`);
}
