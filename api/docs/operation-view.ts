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
  /** As OpenAPI spells it; empty for what customers receive at a path of their own. */
  readonly path: string;
  readonly operation: OpenApiOperation;
}

type Schemas = Readonly<Record<string, JsonSchema>>;

interface Context {
  readonly schemas: Schemas;
  /** Codes that are explained once for all operations. */
  readonly common: ReadonlySet<string>;
}

/** One operation: what to send and what comes back on the left, examples of both on the right. */
export const renderOperation = (route: Route, { schemas, common }: Context): Html => {
  const { method, path, operation } = route;
  return html`
    <article id="${operation.operationId}">
      <div class="text">
        <h3>${operation.summary} <a class="anchor" href="#${operation.operationId}" aria-label="Link to this">#</a></h3>
        <p class="route">
          <span class="method ${method}">${method.toUpperCase()}</span> <code>${path || 'your url'}</code>
        </p>
        ${renderParagraphs(operation.description)} ${parameters(operation)} ${body(operation, schemas)}
        ${answers(operation, { schemas, common })}
      </div>
      <div class="examples">
        ${path === '' ? renderReceivedRequest(route, schemas) : example('Request', renderCurlExample({ ...route, schemas }))}
        ${Object.entries(operation.responses).flatMap(([status, { content }]) => answerExample(status, content, schemas))}
      </div>
    </article>
  `;
};

const PLACES = { path: 'In the path', query: 'In the query', header: 'In the header' } as const;

const parameters = ({ parameters: all = [] }: OpenApiOperation): Html[] =>
  Object.entries(PLACES).flatMap(([place, title]) => {
    const here = all.filter((parameter) => parameter.in === place);
    if (here.length === 0) return [];
    const fields = here.map(({ name, required = false, schema, description = '' }) => ({
      name,
      required,
      schema: { ...schema, description },
    }));
    return [
      html`<h4>${title}</h4>
        ${renderFieldList(fields)}`,
    ];
  });

function body({ requestBody }: OpenApiOperation, schemas: Schemas): Html | undefined {
  if (requestBody === undefined) return undefined;
  const [[mediaType, { schema }] = ['', { schema: {} }]] = Object.entries(requestBody.content);
  const resolved = resolve(schema, schemas);
  return html`<h4>Body <span class="type">${mediaType}${requestBody.required ? '' : ', may be left out'}</span></h4>
    ${renderParagraphs(resolved.description ?? '')} ${renderFieldList(listSchemaFields(resolved))}`;
}

const resolve = (schema: JsonSchema, schemas: Schemas): JsonSchema =>
  schema.$ref === undefined ? schema : (schemas[readSchemaName(schema.$ref)] ?? {});

function answers({ responses }: OpenApiOperation, { schemas, common }: Context): Html {
  const all = Object.entries(responses);
  const refusals = all.flatMap(([status, answer]) => readProblemCodes(answer).map((code) => ({ status, code })));
  return html`<h4>Answers</h4>
    ${all.filter(([, answer]) => readProblemCodes(answer).length === 0).map(([status, answer]) => result(status, answer, schemas))}
    ${refusals.filter(({ code }) => !common.has(code)).map(renderProblemLink)}
    ${refusals.some(({ code }) => common.has(code)) ? html`<p>and <a href="#common">those of every request</a></p>` : ''}`;
}

/** The codes of the problems that an answer can be. */
export const readProblemCodes = ({ content }: OpenApiResponse): string[] =>
  Object.keys(content?.['application/problem+json']?.examples ?? {});

function result(status: string, { description, content }: OpenApiResponse, schemas: Schemas): Html {
  const line = html`<span class="status ok">${status}</span> ${renderInlineText(description)}`;
  const schema = content?.['application/json']?.schema;
  if (schema === undefined) return html`<p>${line}</p>`;
  return html`<details>
    <summary>${line}</summary>
    ${renderFieldList(listSchemaFields(resolve(schema, schemas)))}
  </details>`;
}

export const renderProblemLink = ({ status, code }: { readonly status: string; readonly code: string }): Html =>
  html`<p class="refusal">
    <span class="status">${status}</span> <a href="/docs/problems#${code}"><code>${code}</code></a>
  </p>`;

const example = (title: string, text: string): Html =>
  html`<figure>
    <figcaption>${title}</figcaption>
    <pre tabindex="0"><code>${text}</code></pre>
  </figure>`;

function answerExample(status: string, content: OpenApiContent | undefined, schemas: Schemas): Html[] {
  const schema = content?.['application/json']?.schema;
  if (schema === undefined) return [];
  return [example(`Answer ${status}`, JSON.stringify(buildExample(schema, schemas), null, 2))];
}

function renderReceivedRequest({ operation }: Route, schemas: Schemas): Html {
  const headers = (operation.parameters ?? []).map(({ name, example: value }) => `${name}: ${String(value)}`);
  const [content] = Object.values(operation.requestBody?.content ?? {});
  const sent = JSON.stringify(buildExample(content?.schema ?? {}, schemas));
  return example('Request', ['POST /your/path', 'content-type: application/json', ...headers, '', sent].join('\n'));
}
