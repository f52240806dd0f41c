import { Router, type RequestHandler } from 'express';
import { createOpenApiDocument } from '../contracts/rest/openapi/create-openapi-document.js';
import { OPERATIONS } from '../contracts/rest/operations/operations.js';
import { renderProblemsPage } from './docs/problems-page.js';
import { renderReferencePage } from './docs/reference-page.js';
import { STYLESHEET } from './docs/style.js';

/** The pages load our stylesheet and nothing else. The policy forbids scripts, so an injected one would not run. */
const HEADERS = {
  // Seconds. The documentation changes with releases only.
  'Cache-Control': 'public, max-age=300',
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};

/** Serves the documentation of the API without a token: it holds nothing of an account. Every page is rendered at start. */
export function createDocumentationRouter(): Router {
  const router = Router();
  const document = createOpenApiDocument(OPERATIONS);

  // Other origins may read the document: OpenAPI editors and client generators do.
  const openToOtherOrigins = { 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' };
  router.get('/openapi.json', serveText('application/json', JSON.stringify(document), openToOtherOrigins));
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
