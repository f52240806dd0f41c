import type { Router } from 'express';

interface Layer {
  readonly route?: { readonly path: string; readonly stack: readonly { readonly method?: string }[] };
  readonly handle: unknown;
}

/** What a router serves, as it is put together, with the routers inside it: `GET /v1/webhooks/:id`. */
export const routesOf = ({ stack }: { readonly stack: Router['stack'] }): string[] => listed(stack);

const listed = (stack: readonly Layer[]): string[] =>
  stack.flatMap(({ route, handle }) => {
    const nested = (handle as { stack?: Layer[] }).stack;
    if (route === undefined) return nested === undefined ? [] : listed(nested);
    return route.stack.flatMap(({ method }) => (method === undefined ? [] : [`${method.toUpperCase()} ${route.path}`]));
  });
