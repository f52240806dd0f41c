import { describe, expect, test } from '@jest/globals';

import { exportedNames, findSharedNames, readCompiledFiles } from './exported-names.js';

/**
 * Names that two things still share, and how many files export them. The list only shrinks: a name that has become unique
 * must be taken out, and no name may be added.
 */
const STILL_SHARED: Readonly<Record<string, number>> = {
  Answer: 2,
  Arrival: 2,
  Check: 2,
  DataKey: 2,
  DatabaseConfig: 2,
  Environment: 2,
  Host: 2,
  Kms: 2,
  KmsOptions: 2,
  Problem: 3,
  SignedRequest: 2,
  askTemporal: 2,
  listDeliveries: 2,
  problemsOf: 2,
  replayDeadLetters: 2,
  until: 2,
};

test('two exported things do not share a name, except the names that are still to be changed', () => {
  const shared = findSharedNames(readCompiledFiles());
  const places = Object.entries(shared).map(([name, paths]) => `${name}: ${paths.join(', ')}`);
  const counts = Object.fromEntries(Object.entries(shared).map(([name, paths]) => [name, paths.length]));
  // The places are equal: they are shown beside a difference of the counts.
  expect({ places, counts }).toEqual({ places, counts: STILL_SHARED });
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
