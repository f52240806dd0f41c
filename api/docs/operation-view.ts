import type { Content, OpenApiOperation, OpenApiResponse } from '../../contracts/rest/openapi/openapi-document.js';
import { fieldsOf, nameIn } from '../../contracts/rest/openapi/read-schema.js';
import type { JsonSchema } from '../../contracts/rest/openapi/tidy-schema.js';
import { curlExample } from './curl-example.js';
import { exampleOf } from './example-of.js';
import { html, type Html } from './html.js';
import { inline, prose } from './prose.js';
import { fieldList } from './schema-view.js';

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
export const operationView = (route: Route, { schemas, common }: Context): Html => {
  const { method, path, operation } = route;
  return html`
    <article id="${operation.operationId}">
      <div class="text">
        <h3>${operation.summary} <a class="anchor" href="#${operation.operationId}" aria-label="Link to this">#</a></h3>
        <p class="route">
          <span class="method ${method}">${method.toUpperCase()}</span> <code>${path || 'your url'}</code>
        </p>
        ${prose(operation.description)} ${parameters(operation)} ${body(operation, schemas)}
        ${answers(operation, { schemas, common })}
      </div>
      <div class="examples">
        ${path === '' ? received(route, schemas) : example('Request', curlExample({ ...route, schemas }))}
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
      ...{ name, required },
      schema: { ...schema, description },
    }));
    return [
      html`<h4>${title}</h4>
        ${fieldList(fields)}`,
    ];
  });

function body({ requestBody }: OpenApiOperation, schemas: Schemas): Html | undefined {
  if (requestBody === undefined) return undefined;
  const [[mediaType, { schema }] = ['', { schema: {} }]] = Object.entries(requestBody.content);
  const resolved = resolve(schema, schemas);
  return html`<h4>Body <span class="type">${mediaType}${requestBody.required ? '' : ', may be left out'}</span></h4>
    ${prose(resolved.description ?? '')} ${fieldList(fieldsOf(resolved))}`;
}

const resolve = (schema: JsonSchema, schemas: Schemas): JsonSchema =>
  schema.$ref === undefined ? schema : (schemas[nameIn(schema.$ref)] ?? {});

function answers({ responses }: OpenApiOperation, { schemas, common }: Context): Html {
  const all = Object.entries(responses);
  const refusals = all.flatMap(([status, answer]) => problemsOf(answer).map((code) => ({ status, code })));
  return html`<h4>Answers</h4>
    ${all.filter(([, answer]) => problemsOf(answer).length === 0).map(([status, answer]) => result(status, answer, schemas))}
    ${refusals.filter(({ code }) => !common.has(code)).map(refusal)}
    ${refusals.some(({ code }) => common.has(code)) ? html`<p>and <a href="#common">those of every request</a></p>` : ''}`;
}

/** The codes of the problems that an answer can be. */
export const problemsOf = ({ content }: OpenApiResponse): string[] =>
  Object.keys(content?.['application/problem+json']?.examples ?? {});

function result(status: string, { description, content }: OpenApiResponse, schemas: Schemas): Html {
  const line = html`<span class="status ok">${status}</span> ${inline(description)}`;
  const schema = content?.['application/json']?.schema;
  if (schema === undefined) return html`<p>${line}</p>`;
  return html`<details>
    <summary>${line}</summary>
    ${fieldList(fieldsOf(resolve(schema, schemas)))}
  </details>`;
}

export const refusal = ({ status, code }: { readonly status: string; readonly code: string }): Html =>
  html`<p class="refusal">
    <span class="status">${status}</span> <a href="/docs/problems#${code}"><code>${code}</code></a>
  </p>`;

const example = (title: string, text: string): Html =>
  html`<figure>
    <figcaption>${title}</figcaption>
    <pre tabindex="0"><code>${text}</code></pre>
  </figure>`;

function answerExample(status: string, content: Content | undefined, schemas: Schemas): Html[] {
  const schema = content?.['application/json']?.schema;
  if (schema === undefined) return [];
  return [example(`Answer ${status}`, JSON.stringify(exampleOf(schema, schemas), null, 2))];
}

function received({ operation }: Route, schemas: Schemas): Html {
  const headers = (operation.parameters ?? []).map(({ name, example: value }) => `${name}: ${String(value)}`);
  const [content] = Object.values(operation.requestBody?.content ?? {});
  const sent = JSON.stringify(exampleOf(content?.schema ?? {}, schemas));
  return example('Request', ['POST /your/path', 'content-type: application/json', ...headers, '', sent].join('\n'));
}
