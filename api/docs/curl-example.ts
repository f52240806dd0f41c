import type { JsonSchema } from '../../contracts/rest/openapi/tidy-schema.js';
import type { OpenApiOperation } from '../../contracts/rest/openapi/openapi-document.js';
import { buildExample } from './build-example.js';

interface Request {
  readonly method: string;
  readonly path: string;
  readonly operation: OpenApiOperation;
  readonly schemas: Readonly<Record<string, JsonSchema>>;
}

/** A curl command for a terminal; the host, the token and ids are shell variables. */
export function renderCurlExample({ method, path, operation, schemas }: Request): string {
  const url = `"https://$API_HOST${path.replace(/\{(\w+)\}/g, (_all, name: string) => `$${name.toUpperCase()}`)}"`;
  const lines = [`curl ${method === 'get' ? '' : `-X ${method.toUpperCase()} `}${url}`];
  lines.push(`-H "Authorization: Bearer $TOKEN"`);
  for (const [mediaType, { schema }] of Object.entries(operation.requestBody?.content ?? {})) {
    const body = JSON.stringify(buildExample(schema, schemas), null, 2).replaceAll("'", "'\\''");
    lines.push(`-H 'Content-Type: ${mediaType}'`, `-d '${body}'`);
  }
  return lines.join(' \\\n  ');
}
