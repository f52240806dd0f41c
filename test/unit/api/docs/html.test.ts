import { expect, test } from '@jest/globals';
import { buildExample } from '../../../../api/docs/build-example.js';
import { html } from '../../../../api/docs/html.js';
import { renderInlineText, renderParagraphs } from '../../../../api/docs/prose.js';
import { renderFieldList } from '../../../../api/docs/schema-view.js';

const textOf = (parts: readonly { html: string }[]) => parts.map((part) => part.html).join('');

test('values are escaped in text and in attributes, and HTML is not escaped twice', () => {
  const nasty = `"><script>alert('&')</script>`;
  const safe = '&quot;&gt;&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;';
  expect(html`<a title="${nasty}">${nasty}</a>`.html).toBe(`<a title="${safe}">${safe}</a>`);
  expect(html`<p>${html`<b>${'<'}</b>`}${[html`<i>1</i>`, html`<i>2</i>`]}${undefined}</p>`.html).toBe(
    '<p><b>&lt;</b><i>1</i><i>2</i></p>',
  );
});

test('prose has paragraphs, code and links, and nothing of it is HTML', () => {
  expect(textOf(renderParagraphs('one `a<b`\n\ntwo [there](#x)'))).toBe(
    '<p>one <code>a&lt;b</code></p><p>two <a href="#x">there</a></p>',
  );
  expect(textOf(renderInlineText('<img src=x>'))).toBe('&lt;img src=x&gt;');
});

test('an example is what the schema says of itself, else the plainest value of its type', () => {
  const schemas = { Thing: { type: 'object', properties: { id: { type: 'string', format: 'uuid' } } } };
  const schema = {
    type: 'object',
    properties: {
      own: { type: 'string', examples: ['mine'] },
      chosen: { type: 'string', enum: ['first', 'second'] },
      none: { type: ['string', 'null'], default: null },
      things: { type: 'array', items: { $ref: '#/components/schemas/Thing' } },
      maybe: { anyOf: [{ $ref: '#/components/schemas/Thing' }, { type: 'null' }] },
      count: { type: 'integer', minimum: 3 },
      absent: { type: ['string', 'null'], enum: ['gone', null] },
    },
  };
  const thing = { id: expect.stringMatching(/^[0-9a-f-]{36}$/) };
  expect(buildExample(schema, schemas)).toEqual({
    own: 'mine',
    chosen: 'first',
    none: null,
    count: 3,
    absent: null,
    things: [thing],
    maybe: thing,
  });
});

test('a field shows its type, whether it is required, its limits and the fields inside of it', () => {
  const inner = { type: 'object', properties: { deep: { type: 'boolean' } } };
  const schema = { type: 'array', items: inner, maxItems: 5, description: 'Many `x`.' };
  const { html: shown } = renderFieldList([{ name: 'many', required: true, schema }]);
  for (const part of [
    '<code>many</code>',
    'array of object',
    'required',
    'Many <code>x</code>.',
    '<code>5</code>',
    'deep',
  ])
    expect(shown).toContain(part);
});
