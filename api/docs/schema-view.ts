import type { JsonSchema } from '../../contracts/rest/openapi/tidy-schema.js';
import { listSchemaFields, readSchemaName, type SchemaField } from '../../contracts/rest/openapi/read-schema.js';
import { html, type Html } from './html.js';
import { renderInlineText } from './prose.js';

/** The fields of an object, each with its type, limits and description. */
export const renderFieldList = (fields: readonly SchemaField[]): Html =>
  html`<dl class="fields">
    ${fields.map(
      ({ name, required, schema }) => html`
        <dt>
          <code>${name}</code> ${renderType(schema)} ${required ? html`<span class="required">required</span>` : ''}
        </dt>
        <dd>${renderInlineText(schema.description ?? '')} ${renderLimits(schema)} ${renderNestedFields(schema)}</dd>
      `,
    )}
  </dl>`;

/** Fields of an anonymous object, which has no section of its own on the page. */
function renderNestedFields(schema: JsonSchema): Html | string {
  const fields = listSchemaFields(schema.properties === undefined ? (schema.items ?? {}) : schema);
  return fields.length === 0 ? '' : renderFieldList(fields);
}

const renderType = (schema: JsonSchema): Html => html`<span class="type">${renderTypeText(schema)}</span>`;

function renderTypeText({ $ref, type, format, items, anyOf, ...rest }: JsonSchema): Html {
  if ($ref !== undefined) return html`<a href="#schema-${readSchemaName($ref)}">${readSchemaName($ref)}</a>`;
  if (anyOf !== undefined) return join(anyOf.map(renderTypeText), ' or ');
  if ('const' in rest) return html`${JSON.stringify(rest['const'])}`;
  const names = [type ?? 'any'].flat().map((name) => {
    if (name === 'array' && items !== undefined) return html`array of ${renderTypeText(items)}`;
    return html`${name === 'string' && format !== undefined ? format : name}`;
  });
  return join(names, ' or ');
}

const join = (parts: readonly Html[], separator: string): Html =>
  html`${parts.map((part, index) => (index === 0 ? part : html`${separator}${part}`))}`;

/** Limits of a value beyond its type. */
function renderLimits(schema: JsonSchema): Html {
  const limits: Html[] = [];
  if (schema.enum !== undefined) limits.push(html`One of ${codes(schema.enum)}.`);
  for (const [keyword, label] of Object.entries(LIMITS)) {
    if (keyword in schema) limits.push(html`${label} ${codes([schema[keyword]])}.`);
  }
  const pattern = schema['pattern'] ?? schema.items?.['pattern'];
  if (typeof pattern === 'string') limits.push(html`Pattern <code>${pattern}</code>.`);
  return limits.length === 0 ? html`` : html`<span class="limits">${join(limits, ' ')}</span>`;
}

const LIMITS: Readonly<Record<string, string>> = {
  default: 'Default',
  minimum: 'At least',
  exclusiveMinimum: 'More than',
  maximum: 'At most',
  minLength: 'Characters: at least',
  maxLength: 'Characters: at most',
  minItems: 'Entries: at least',
  maxItems: 'Entries: at most',
};

const codes = (values: readonly unknown[]): Html =>
  join(
    values.map((value) => html`<code>${typeof value === 'string' ? value : JSON.stringify(value)}</code>`),
    ', ',
  );
