import { RESPONSE_HEADERS } from '../operations/headers.js';
import type { Operation } from '../operations/operation.js';
import { createComponents } from './components.js';
import { describeOperation } from './describe-operation.js';
import { describeSentRequest } from './describe-sent-request.js';
import type { OpenApiDocument, OpenApiOperation } from './openapi-document.js';

const INFO = {
  title: 'Webhooks',
  version: '1',
  summary: 'Register endpoints, see what became of every delivery, send one again.',
  description: [
    'Requests carry the token of an account: `Authorization: Bearer …`. An account may make 60 requests a minute; `RateLimit` ' +
      'on every answer says how many are left.',
    'Times are UTC (RFC 3339), bodies JSON. Lists come in pages, newest first: ask again with `nextCursor` as `cursor` while ' +
      '`hasMore` is true. New fields may be added to answers and events at any time; ignore what you do not know.',
    'What goes wrong is answered as `application/problem+json` (RFC 9457). Decide by its `code`, which never changes; ' +
      '[all of them](/docs/problems) are on a page of their own.',
  ].join('\n\n'),
  license: { name: 'Proprietary', identifier: 'LicenseRef-Proprietary' },
};

const TAGS = [
  { name: 'Webhooks', description: 'Endpoints: where events are sent, which ones, and with which secret.' },
  { name: 'Deliveries', description: 'One event on its way to one endpoint, with all its attempts.' },
  { name: 'Tasks', description: 'Many deliveries that are sent again.' },
  { name: 'Statistics', description: 'What deliveries add up to.' },
  { name: 'Receiving', description: 'What your endpoints get, and how they should answer.' },
];

const BEARER_TOKEN_SCHEME = {
  type: 'http',
  scheme: 'bearer',
  bearerFormat: 'JWT',
  description: 'The account is the one that the token names; nothing of another account can be seen.',
};

/** The OpenAPI 3.1 description of operations. The same table always gives the same document. */
export function createOpenApiDocument(operations: readonly Operation[]): OpenApiDocument {
  const components = createComponents();
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const operation of operations) {
    const path = (paths[operation.path.replace(/:(\w+)/g, '{$1}')] ??= {});
    path[operation.method] = describeOperation(operation, components);
  }
  const webhooks = { event: describeSentRequest(components) };
  return {
    openapi: '3.1.0',
    info: INFO,
    servers: [{ url: '/' }],
    security: [{ token: [] }],
    tags: TAGS,
    paths,
    webhooks,
    components: {
      schemas: components.schemas(),
      headers: selectUsedHeaders(paths),
      securitySchemes: { token: BEARER_TOKEN_SCHEME },
    },
  };
}

const selectUsedHeaders = (paths: unknown) => {
  const text = JSON.stringify(paths);
  return Object.fromEntries(
    Object.entries(RESPONSE_HEADERS).filter(([name]) => text.includes(`"#/components/headers/${name}"`)),
  );
};
