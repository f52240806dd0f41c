import { describe, expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../../local/process/package-root.js';

const read = (path: string) => readFileSync(join(packageRoot(), path), 'utf8');
const page = read('docs/security.md');
const [lines = '', tests = ''] = page.split('\n## Tests\n');

/** The last id number of each part of the model. */
const FAMILIES = {
  API: 8,
  ENC: 12,
  HTTP: 10,
  K8S: 4,
  KONG: 6,
  LEAK: 7,
  NATS: 2,
  PG: 4,
  SIG: 6,
  SSRF: 10,
  SUP: 4,
};
const EVERY_ID = Object.entries(FAMILIES).flatMap(([family, count]) =>
  Array.from({ length: count }, (_, i) => `${family}-${String(i + 1).padStart(2, '0')}`),
);
const ID = new RegExp(`\\b(?:${Object.keys(FAMILIES).join('|')})-\\d\\d\\b`, 'g');
const idsIn = (text: string): string[] => [...new Set(text.match(ID))].sort();

/** Files of the second table, by id. */
const claimed = new Map(
  [...tests.matchAll(/^\| ([A-Z0-9]+-\d\d)\s+\|(.*)\|$/gm)].map(([, id = '', row = '']) => [
    id,
    [...row.matchAll(/\]\(\.\.\/(test\/[^)]+)\)/g)].map(([, path = '']) => path),
  ]),
);

/** Ids in what a file gives as the name of a test: inside quotes, not in comments. */
const titled = (path: string): string[] =>
  idsIn(
    read(path)
      .split('\n')
      .filter((line) => !/^\s*(?:\/\/|\/?\*)/.test(line))
      .flatMap((line) => [...line.matchAll(/['"`]([^'"`]*)/g)].map(([, text = '']) => text))
      .join('\n'),
  );

test('every id of the model has its tests on the page', () => {
  expect([...claimed.keys()].sort()).toEqual([...EVERY_ID].sort());
  expect([...claimed].filter(([, files]) => files.length === 0)).toEqual([]);
});

test.each([...claimed])('%s is the name of a test in each file that the page gives', (id, files) => {
  expect(files.filter((file) => !existsSync(join(packageRoot(), file)))).toEqual([]);
  // The cases of an edge are written down once and run by two files.
  const cases = 'test/unit/deploy/kong/edge-requests.ts';
  const named = (file: string) =>
    read(file).includes('edge-requests.js') ? [...titled(file), ...titled(cases)] : titled(file);
  expect(files.filter((file) => !named(file).includes(id))).toEqual([]);
});

test('each test that has an id in its name is on the page', () => {
  const files = readdirSync(join(packageRoot(), 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts') || name.endsWith('edge-requests.ts'))
    .map((name) => `test/${name}`);
  const missing = files
    .filter((file) => !file.startsWith('test/unit/docs/'))
    .flatMap((file) => titled(file).flatMap((id) => (claimed.get(id)?.includes(file) ? [] : [`${id} ${file}`])));
  expect(missing).toEqual([]);
});

test('every id proves a line, and no line names one that does not exist', () => {
  expect(idsIn(lines)).toEqual([...EVERY_ID].sort());
});

test('the threat model names existing ids only', () => {
  expect(idsIn(read('docs/threat-model.md')).filter((id) => !EVERY_ID.includes(id))).toEqual([]);
});

test('each line says where it is implemented and what proves it', () => {
  const requirements = lines
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (\*\*|-|Requirement)/.test(line));
  expect(requirements.length).toBeGreaterThan(30);
  for (const line of requirements) {
    const [, , where = '', proof = ''] = line.split('|');
    expect([line, where.trim() !== '', idsIn(proof).length > 0]).toEqual([line, true, true]);
  }
});

const pages = ['docs', 'docs/adr'].flatMap((folder) =>
  readdirSync(join(packageRoot(), folder)).flatMap((name) => (name.endsWith('.md') ? [`${folder}/${name}`] : [])),
);
describe('links', () => {
  test.each(pages)('of %s lead somewhere', (path) => {
    const targets = [...read(path).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, target = '']) => target);
    const local = targets.filter((target) => !/^[a-z]+:/.test(target));
    expect(local.filter((target) => !existsSync(join(packageRoot(), dirname(path), target)))).toEqual([]);
  });
});
