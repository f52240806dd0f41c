import { RESPONSE_HEADERS } from '../operations/headers.js';
import type { Operation } from '../operations/operation.js';
import { createComponents } from './components.js';
import { describeOperation } from './describe-operation.js';
import { describeSentRequest } from './describe-sent-request.js';
import type { OpenApiDocument, OpenApiOperation } from './openapi-document.js';

const INFO = {
  title: 'Webhooks',
  version: '1',
  summary: 'Register endpoints, follow every delivery, and replay deliveries.',
  description: [
    'Requests carry the token of an account: `Authorization: Bearer …`. An account may make 60 requests per minute; the ' +
      '`RateLimit` header of every response shows how many are left.',
    'Times are UTC (RFC 3339), bodies JSON. Lists are paged, newest first: while `hasMore` is true, request the next page with ' +
      '`nextCursor` as `cursor`. New fields may be added to responses and events at any time; ignore unknown fields.',
    'Errors are `application/problem+json` (RFC 9457). Let clients decide by `code`, which never changes. The page ' +
      '[Problems](/docs/problems) lists all codes.',
  ].join('\n\n'),
  license: { name: 'Proprietary', identifier: 'LicenseRef-Proprietary' },
};

const TAGS = [
  { name: 'Webhooks', description: 'Endpoints: their URLs, event types and secrets.' },
  { name: 'Deliveries', description: 'One event on its way to one endpoint, with all its attempts.' },
  { name: 'Tasks', description: 'Replays of many deliveries.' },
  { name: 'Statistics', description: 'Counts of deliveries.' },
  { name: 'Receiving', description: 'The requests that your endpoints receive, and how they should respond.' },
];

const BEARER_TOKEN_SCHEME = {
  type: 'http',
  scheme: 'bearer',
  bearerFormat: 'JWT',
  description: 'The token names the account. No request reads or changes another account.',
};

/** The OpenAPI 3.1 document of these operations. The same operations always give the same document. */
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
