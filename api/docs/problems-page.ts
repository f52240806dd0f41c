import { FIELD_RULES } from '../../contracts/rest/field-rules.js';
import { PROBLEMS } from '../../contracts/rest/problem.js';
import { html } from './html.js';
import { renderPage } from './layout.js';
import { renderInlineText } from './prose.js';

/** The page that the `type` of every problem points to. */
export const renderProblemsPage = (): string => renderPage({ title: 'Problems', navigation, main });

const main = html`
  <header>
    <h1>Problems</h1>
    <p class="lead">
      All problems that the API responds with. Let clients decide by <code>code</code>: it never changes.
    </p>
  </header>
  <section>
    ${Object.entries(PROBLEMS).map(
      ([code, { status, title, advice }]) =>
        html`<article id="${code}" class="problem">
          <h3><span class="status">${status}</span> <code>${code}</code></h3>
          <p>${title}</p>
          <p>${renderInlineText(advice)}</p>
        </article>`,
    )}
  </section>
  <section id="rules">
    <h2>Rules of fields</h2>
    <p>
      The <code>code</code> of each entry in the <code>errors</code> of <a href="#invalid_request">invalid_request</a>.
    </p>
    <dl class="fields">
      ${Object.entries(FIELD_RULES).map(
        ([code, rule]) =>
          html`<dt id="rule-${code}"><code>${code}</code></dt>
            <dd>${renderInlineText(rule)}</dd>`,
      )}
    </dl>
  </section>
`;
const navigation = html`
  <p class="product"><a href="/docs">Webhooks</a></p>
  <h2>Problems</h2>
  <ul>
    ${Object.keys(PROBLEMS).map((code) => html`<li><a href="#${code}">${code}</a></li>`)}
    <li><a href="#rules">Rules of fields</a></li>
  </ul>
  <h2>More</h2>
  <ul>
    <li><a href="/docs">Reference</a></li>
  </ul>
`;
