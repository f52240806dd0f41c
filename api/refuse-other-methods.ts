import type { Router } from 'express';
import { ProblemError } from './problem-error.js';

/**
 * Makes a router that has all its routes answer other methods with 405 and `Allow` (RFC 9110 §15.5.6). No id is looked up, so
 * the response is the same whether the resource exists or not.
 */
export function refuseOtherMethods(router: Router): Router {
  const methods = new Map<string, Set<string>>();
  for (const { route } of router.stack) {
    if (route === undefined) continue;
    const supported = methods.get(route.path) ?? new Set<string>();
    for (const { method } of route.stack) supported.add(method.toUpperCase());
    methods.set(route.path, supported);
  }
  for (const [path, supported] of methods) {
    // Express answers HEAD with the handler of GET.
    if (supported.has('GET')) supported.add('HEAD');
    const allow = [...supported].sort().join(', ');
    router.all(path, (_request, response, next) => {
      response.set('Allow', allow);
      next(new ProblemError('method_not_allowed'));
    });
  }
  return router;
}
