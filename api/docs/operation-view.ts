import type {
  OpenApiContent,
  OpenApiOperation,
  OpenApiResponse,
} from '../../contracts/rest/openapi/openapi-document.js';
import { listSchemaFields, readSchemaName } from '../../contracts/rest/openapi/read-schema.js';
import type { JsonSchema } from '../../contracts/rest/openapi/tidy-schema.js';
import { renderCurlExample } from './curl-example.js';
import { buildExample } from './build-example.js';
import { html, type Html } from './html.js';
import { renderInlineText, renderParagraphs } from './prose.js';
import { renderFieldList } from './schema-view.js';

export interface Route {
  readonly method: string;
  /** In OpenAPI notation; empty for the request that customers receive at their own URL. */
  readonly path: string;
  readonly operation: OpenApiOperation;
}

type Schemas = Readonly<Record<string, JsonSchema>>;

interface Context {
  readonly schemas: Schemas;
  /** Problem codes that every operation has; the page lists them once. */
  readonly common: ReadonlySet<string>;
}

/** One operation: its request and responses on the left, examples of both on the right. */
export const renderOperation = (route: Route, { schemas, common }: Context): Html => {
  const { method, path, operation } = route;
  return html`
    <article id="${operation.operationId}">
      <div class="text">
        <h3>${operation.summary} <a class="anchor" href="#${operation.operationId}" aria-label="Link to this">#</a></h3>
        <p class="route">
          <span class="method ${method}">${method.toUpperCase()}</span> <code>${path || 'your url'}</code>
        </p>
        ${renderParagraphs(operation.description)} ${renderParameters(operation)} ${renderBody(operation, schemas)}
        ${renderResponses(operation, { schemas, common })}
      </div>
      <div class="examples">
        ${path === '' ? renderReceivedRequest(route, schemas) : renderExample('Request', renderCurlExample({ ...route, schemas }))}
        ${Object.entries(operation.responses).flatMap(([status, { content }]) => renderResponseExample(status, content, schemas))}
      </div>
    </article>
  `;
};

const PARAMETER_PLACES = { path: 'In the path', query: 'In the query', header: 'In the header' } as const;

const renderParameters = ({ parameters = [] }: OpenApiOperation): Html[] =>
  Object.entries(PARAMETER_PLACES).flatMap(([place, title]) => {
    const placed = parameters.filter((parameter) => parameter.in === place);
    if (placed.length === 0) return [];
    const fields = placed.map(({ name, required = false, schema, description = '' }) => ({
      name,
      required,
      schema: { ...schema, description },
    }));
    return [
      html`<h4>${title}</h4>
        ${renderFieldList(fields)}`,
    ];
  });

function renderBody({ requestBody }: OpenApiOperation, schemas: Schemas): Html | undefined {
  if (requestBody === undefined) return undefined;
  const [[mediaType, { schema }] = ['', { schema: {} }]] = Object.entries(requestBody.content);
  const resolved = resolveReference(schema, schemas);
  return html`<h4>Body <span class="type">${mediaType}${requestBody.required ? '' : ', optional'}</span></h4>
    ${renderParagraphs(resolved.description ?? '')} ${renderFieldList(listSchemaFields(resolved))}`;
}

const resolveReference = (schema: JsonSchema, schemas: Schemas): JsonSchema =>
  schema.$ref === undefined ? schema : (schemas[readSchemaName(schema.$ref)] ?? {});

function renderResponses({ responses }: OpenApiOperation, { schemas, common }: Context): Html {
  const all = Object.entries(responses);
  const problems = all.flatMap(([status, response]) => readProblemCodes(response).map((code) => ({ status, code })));
  return html`<h4>Responses</h4>
    ${all.filter(([, response]) => readProblemCodes(response).length === 0).map(([status, response]) => renderSuccessResponse(status, response, schemas))}
    ${problems.filter(({ code }) => !common.has(code)).map(renderProblemLink)}
    ${problems.some(({ code }) => common.has(code)) ? html`<p>and the <a href="#common">problems of every request</a></p>` : ''}`;
}

/** The problem codes that a response documents. */
export const readProblemCodes = ({ content }: OpenApiResponse): string[] =>
  Object.keys(content?.['application/problem+json']?.examples ?? {});

function renderSuccessResponse(status: string, { description, content }: OpenApiResponse, schemas: Schemas): Html {
  const line = html`<span class="status ok">${status}</span> ${renderInlineText(description)}`;
  const schema = content?.['application/json']?.schema;
  if (schema === undefined) return html`<p>${line}</p>`;
  return html`<details>
    <summary>${line}</summary>
    ${renderFieldList(listSchemaFields(resolveReference(schema, schemas)))}
  </details>`;
}

export const renderProblemLink = ({ status, code }: { readonly status: string; readonly code: string }): Html =>
  html`<p class="refusal">
    <span class="status">${status}</span> <a href="/docs/problems#${code}"><code>${code}</code></a>
  </p>`;

const renderExample = (title: string, text: string): Html =>
  html`<figure>
    <figcaption>${title}</figcaption>
    <pre tabindex="0"><code>${text}</code></pre>
  </figure>`;

function renderResponseExample(status: string, content: OpenApiContent | undefined, schemas: Schemas): Html[] {
  const schema = content?.['application/json']?.schema;
  if (schema === undefined) return [];
  return [renderExample(`Response ${status}`, JSON.stringify(buildExample(schema, schemas), null, 2))];
}

function renderReceivedRequest({ operation }: Route, schemas: Schemas): Html {
  const headers = (operation.parameters ?? []).map(({ name, example: value }) => `${name}: ${String(value)}`);
  const [content] = Object.values(operation.requestBody?.content ?? {});
  const sent = JSON.stringify(buildExample(content?.schema ?? {}, schemas));
  return renderExample(
    'Request',
    ['POST /your/path', 'content-type: application/json', ...headers, '', sent].join('\n'),
  );
}
