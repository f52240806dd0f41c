import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { createApp, type AppDeps } from '../../../api/app.js';
import { FIELD_RULES } from '../../../contracts/rest/field-rules.js';
import { OPERATIONS } from '../../../contracts/rest/operations/operations.js';
import { PROBLEMS } from '../../../contracts/rest/problem.js';

/** The test needs neither the database nor the key service. */
const app = createApp({
  observe: () => undefined,
  isStopping: () => false,
  now: Date.now,
  requestsPerMinute: 1,
} as unknown as AppDeps);
const get = (path: string) => request(app).get(path);

const PAGES = ['/docs', '/docs/problems'];
const attributesOf = (page: string, name: string) =>
  [...page.matchAll(new RegExp(` ${name}="([^"]*)"`, 'g'))].map(([, value = '']) => value);

test('the document is served without an account, to pages of other origins as well', async () => {
  const { status, headers, body } = await get('/openapi.json');
  expect([status, headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
  expect(headers).toMatchObject({ 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=300' });
  expect(body.openapi).toBe('3.1.0');
});

test('the stylesheet is one', async () => {
  const { status, headers, text } = await get('/docs/style.css');
  expect([status, headers['content-type']]).toEqual([200, 'text/css; charset=utf-8']);
  expect(text).not.toMatch(/@import|url\(|<\/style/);
});

test('what cannot be done to the documentation is refused as everywhere', async () => {
  const { status, headers } = await request(app).post('/docs');
  expect([status, headers['allow']]).toEqual([405, 'GET, HEAD']);
});

describe.each(PAGES)('%s', (path) => {
  test('runs nothing and loads one stylesheet of ours, which is all that its policy allows', async () => {
    const { headers, text } = await get(path);
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(text).not.toMatch(/<script|<style|<img|<iframe|<form|<base| style=| on\w+=/i);
    expect(attributesOf(text, 'src')).toEqual([]);
    expect([...text.matchAll(/<link ([^>]*)>/g)].map(([, link]) => link)).toEqual([
      'rel="stylesheet" href="/docs/style.css" /',
    ]);
  });

  test('has links that lead somewhere here, and ids that are unique', async () => {
    const { text } = await get(path);
    const ids = new Map<string, string[]>();
    for (const page of PAGES) ids.set(page, attributesOf((await get(page)).text, 'id'));
    const lost: string[] = [];
    for (const href of attributesOf(text, 'href')) {
      const [target = '', anchor] = href.split('#');
      if (anchor !== undefined && !ids.get(target || path)?.includes(anchor)) lost.push(href);
      if (target !== '' && (await get(target)).status !== 200) lost.push(href);
    }
    expect(lost).toEqual([]);
    expect(ids.get(path)).toEqual([...new Set(ids.get(path))]);
  });

  test('closes what it opens', async () => {
    const open: string[] = [];
    const tags = (await get(path)).text.matchAll(/<(\/?)([a-z0-9]+)([^>]*)>/g);
    for (const [, slash, name = '', rest = ''] of tags) {
      if (slash === '/') expect(open.pop()).toBe(name);
      else if (!rest.endsWith('/') && name !== 'meta') open.push(name);
    }
    expect(open).toEqual([]);
  });
});

test('the reference shows every operation with its method and path', async () => {
  const { text } = await get('/docs');
  for (const { operationId, summary, method, path } of OPERATIONS) {
    const article = text.split(`<article id="${operationId}">`)[1]?.split('</article>')[0];
    expect(article).toContain(summary);
    expect(article).toContain(`<span class="method ${method}">${method.toUpperCase()}</span>`);
    expect(article).toContain(`<code>${path.replace(/:(\w+)/g, '{$1}')}</code>`);
  }
});

test('the type of each problem and each rule leads to its explanation', async () => {
  const { text } = await get('/docs/problems');
  const ids = attributesOf(text, 'id');
  expect(ids).toEqual(expect.arrayContaining(Object.keys(PROBLEMS)));
  expect(ids).toEqual(expect.arrayContaining(Object.keys(FIELD_RULES).map((code) => `rule-${code}`)));
});
