import type { Router } from 'express';
import { ProblemError } from './problem-error.js';

/**
 * Makes a router with all its routes answer what it has no handler for with 405 and `Allow` (RFC 9110 §15.5.6), before any id
 * is looked at: the answer is the same whether the thing exists or not.
 */
export function refuseOtherMethods(router: Router): Router {
  const methods = new Map<string, Set<string>>();
  for (const { route } of router.stack) {
    if (route === undefined) continue;
    const known = methods.get(route.path) ?? new Set<string>();
    for (const { method } of route.stack) known.add(method.toUpperCase());
    methods.set(route.path, known);
  }
  for (const [path, known] of methods) {
    // Express answers HEAD with the handler of GET.
    if (known.has('GET')) known.add('HEAD');
    const allow = [...known].sort().join(', ');
    router.all(path, (_request, response, next) => {
      response.set('Allow', allow);
      next(new ProblemError('method_not_allowed'));
    });
  }
  return router;
}
