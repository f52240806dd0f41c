import { describe, expect, test } from '@jest/globals';

import { exportedNames, findSharedNames, readCompiledFiles } from './exported-names.js';

test('two exported things do not share a name', () => {
  expect(findSharedNames(readCompiledFiles())).toEqual({});
});

describe('a name is exported by', () => {
  test.each([
    ['export const a = 1, b = 2;', ['a', 'b']],
    ['export const { a, b: [c], ...d } = f();', ['a', 'c', 'd']],
    ['export function a(): void;\nexport function a(b?: 1) {}', ['a']],
    ['export async function* a() {}', ['a']],
    ['export class a extends Error {}', ['a']],
    ['export interface A {}\nexport type B = 1;', ['A', 'B']],
    ['export const A = 1;\nexport type A = 2;', ['A']],
    ['const a = 1;\nexport { a, a as b };', ['a', 'b']],
    ['export default function a() {}', ['a']],
  ])('%s', (text, names) => {
    expect([...exportedNames({ path: 'a.ts', text })]).toEqual(names);
  });
});

describe('no name is exported by', () => {
  test.each([
    ['a private declaration', 'const a = 1; function b() {} interface C {}'],
    ['a re-export', "export { a, b as c } from './b.js';"],
    ['a re-export of everything', "export * from './b.js';\nexport * as d from './b.js';"],
    ['a re-export of an import', "import d, { a, type B } from './b.js';\nexport { d, a as c };\nexport type { B };"],
    ['a declaration inside a function', 'function f() { const a = 1; return a; }'],
  ])('%s', (_, text) => {
    expect([...exportedNames({ path: 'a.ts', text })]).toEqual([]);
  });
});

test('a name that two files export is found with its files', () => {
  const files = [
    { path: 'api/a.ts', text: 'export const until = 1; export const only = 1;' },
    { path: 'bin/b.ts', text: "export { until } from '../api/a.js';" },
    { path: 'cli/c.ts', text: 'export interface until {}' },
  ];
  expect(findSharedNames(files)).toEqual({ until: ['api/a.ts', 'cli/c.ts'] });
});
