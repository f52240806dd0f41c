import { Router } from 'express';
import { createOpenApiDocument } from '../contracts/openapi/create-openapi-document.js';
import { OPERATIONS } from '../contracts/operations/operations.js';

/** Seconds: it changes with a release. */
const CACHE = 'public, max-age=300';

/** What the API is, for everybody: it says nothing of an account, so nobody is asked for one. */
export function createDocumentationRouter(): Router {
  const router = Router();
  const document = JSON.stringify(createOpenApiDocument(OPERATIONS));

  router.get('/openapi.json', (_request, response) => {
    // Pages of other origins may read it: editors and generators of clients do.
    response.set({ 'Cache-Control': CACHE, 'Access-Control-Allow-Origin': '*' });
    response.type('application/json').send(document);
  });

  return router;
}
