import { Router, type RequestHandler } from 'express';
import { createOpenApiDocument } from '../contracts/rest/openapi/create-openapi-document.js';
import { OPERATIONS } from '../contracts/rest/operations/operations.js';
import { renderProblemsPage } from './docs/problems-page.js';
import { renderReferencePage } from './docs/reference-page.js';
import { STYLESHEET } from './docs/style.js';

/** The pages need a stylesheet of ours and nothing else: no script could run even if one got in. */
const HEADERS = {
  // Seconds: what is described changes with a release.
  'Cache-Control': 'public, max-age=300',
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};

/** What the API is, for everybody: it says nothing of an account, so nobody is asked for one. All of it is made at start. */
export function createDocumentationRouter(): Router {
  const router = Router();
  const document = createOpenApiDocument(OPERATIONS);

  // Pages of other origins may read it: editors and generators of clients do.
  const shared = { 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' };
  router.get('/openapi.json', serveText('application/json', JSON.stringify(document), shared));
  router.get('/docs', serveText('text/html', renderReferencePage(document)));
  router.get('/docs/problems', serveText('text/html', renderProblemsPage()));
  router.get('/docs/style.css', serveText('text/css', STYLESHEET));
  return router;
}

const serveText =
  (type: string, text: string, headers: Readonly<Record<string, string>> = {}): RequestHandler =>
  (_request, response) =>
    void response
      .set({ ...HEADERS, ...headers })
      .type(type)
      .send(text);
