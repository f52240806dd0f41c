import type { OpenApiDocument } from '../../contracts/rest/openapi/openapi-document.js';
import { listSchemaFields } from '../../contracts/rest/openapi/read-schema.js';
import { html, type Html } from './html.js';
import { renderPage } from './layout.js';
import { renderOperation, readProblemCodes, renderProblemLink, type Route } from './operation-view.js';
import { renderParagraphs } from './prose.js';
import { renderFieldList } from './schema-view.js';

/** The API reference as one page, made of the OpenAPI document alone. */
export function renderReferencePage(document: OpenApiDocument): string {
  const sections = listSections(document);
  const { schemas } = document.components;
  const common = findCommonProblems(document);
  const main = html`
    <header>
      <h1>${document.info.title}</h1>
      <p class="lead">${document.info.summary}</p>
      ${renderParagraphs(document.info.description)}
      <details id="common" open>
        <summary>Problems of every request</summary>
        ${[...common].map(([code, status]) => renderProblemLink({ status, code }))}
      </details>
    </header>
    ${sections.map(
      ({ name, description, routes }) =>
        html`<section id="${name}">
          <h2>${name}</h2>
          ${renderParagraphs(description)}
          ${routes.map((route) => renderOperation(route, { schemas, common: new Set(common.keys()) }))}
        </section>`,
    )}
    <section id="Schemas">
      <h2>Schemas</h2>
      ${Object.entries(schemas).map(
        ([name, schema]) =>
          html`<article id="schema-${name}" class="schema">
            <h3>${name}</h3>
            ${renderParagraphs(schema.description ?? '')} ${renderFieldList(listSchemaFields(schema))}
          </article>`,
      )}
    </section>
  `;
  return renderPage({
    title: `${document.info.title} reference`,
    navigation: renderNavigation(sections, Object.keys(schemas)),
    main,
  });
}

/** The problems that all operations share: status by code. */
function findCommonProblems({ paths }: OpenApiDocument): Map<string, string> {
  const [first, ...others] = Object.values(paths)
    .flatMap((methods) => Object.values(methods))
    .map(({ responses }) =>
      Object.entries(responses).flatMap(([status, response]) =>
        readProblemCodes(response).map((code) => [code, status] as const),
      ),
    );
  const inAll = ([code]: readonly [string, string]) => others.every((all) => all.some(([other]) => other === code));
  return new Map(first?.filter(inAll));
}

interface Section {
  readonly name: string;
  readonly description: string;
  readonly routes: readonly Route[];
}

function listSections({ tags, paths, webhooks }: OpenApiDocument): Section[] {
  const routes = [
    ...Object.entries(paths).flatMap(([path, methods]) => listRoutes(path, methods)),
    ...Object.values(webhooks).flatMap((methods) => listRoutes('', methods)),
  ];
  return tags.map((tag) => ({ ...tag, routes: routes.filter(({ operation }) => operation.tags.includes(tag.name)) }));
}

const listRoutes = (path: string, methods: OpenApiDocument['paths'][string]): Route[] =>
  Object.entries(methods).map(([method, operation]) => ({ method, path, operation }));

const renderNavigation = (sections: readonly Section[], schemas: readonly string[]): Html => html`
  <p class="product"><a href="/docs">Webhooks</a></p>
  ${sections.map(
    ({ name, routes }) =>
      html`<h2>${name}</h2>
        <ul>
          ${routes.map(
            ({ method, operation }) =>
              html`<li>
                <a href="#${operation.operationId}"
                  ><span class="method ${method}">${method.toUpperCase()}</span> ${operation.summary}</a
                >
              </li>`,
          )}
        </ul>`,
  )}
  <h2>Schemas</h2>
  <ul>
    ${schemas.map((name) => html`<li><a href="#schema-${name}">${name}</a></li>`)}
  </ul>
  <h2>More</h2>
  <ul>
    <li><a href="/docs/problems">Problems</a></li>
    <li><a href="/openapi.json">OpenAPI document</a></li>
  </ul>
`;
