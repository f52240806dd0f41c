import { describe, expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { OPERATIONS } from '../../../contracts/rest/operations/operations.js';
import { packageRoot } from '../../../local/process/package-root.js';

const MAX_CELL_CHARACTERS = 120;

const read = (path: string) => readFileSync(join(packageRoot(), path), 'utf8');
const exists = (path: string) => existsSync(join(packageRoot(), path));
const listPages = (folder: string) =>
  readdirSync(join(packageRoot(), folder)).flatMap((name) => (name.endsWith('.md') ? [join(folder, name)] : []));

/** Cells as a reader sees them: without padding, and without the target of a link. */
const readCells = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .flatMap((line) => line.replaceAll(/\]\([^)]*\)/g, ']').split('|'))
    .map((cell) => cell.trim());

describe('pages of the root', () => {
  test.each(listPages('.'))('links of %s lead to files', (path) => {
    const targets = [...read(path).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, target = '']) => target);
    const local = targets.filter((target) => !/^[a-z]+:/.test(target));
    expect(local.filter((target) => !exists(join(dirname(path), target)))).toEqual([]);
  });
});

test('every path that CONTRIBUTING.md names exists', () => {
  const spans = [...read('CONTRIBUTING.md').matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
  const paths = spans.filter((span) => /^\.?[\w-]+(?:\/[\w./-]*|\.(?:cjs|mjs|md|ts))$/.test(span));
  expect(paths.length).toBeGreaterThan(60);
  expect(paths.filter((path) => !exists(path))).toEqual([]);
});

test('docs/api.md has every route of the contract, and no other', () => {
  const rows = [...read('docs/api.md').matchAll(/^\| `(\w+ \/[^`]+)`/gm)].map(([, route = '']) => route);
  const routes = OPERATIONS.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
  expect(rows.sort()).toEqual(routes.sort());
});

test.each(['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'docs/api.md'])('cells of %s are short', (path) => {
  expect(readCells(read(path)).filter((cell) => cell.length > MAX_CELL_CHARACTERS)).toEqual([]);
});

describe('decision records', () => {
  const records = listPages('docs/adr').filter((path) => !path.endsWith('README.md'));
  const index = read('docs/adr/README.md');

  test.each(records)('%s has a date, a status, its sections and a line in the index', (path) => {
    const text = read(path);
    const [, number = ''] = /\/0*(\d+)-/.exec(path) ?? [];
    expect(text).toMatch(new RegExp(`^# ${number}\\. .+\n\n- Date: \\d{4}-\\d\\d-\\d\\d.*\n- Status: `));
    const sections = [...text.matchAll(/^## (\w+)/gm)].map(([, section]) => section);
    expect(sections).toEqual(expect.arrayContaining(['Context', 'Decision', 'Consequences']));
    const [, title = ''] = /^# \d+\. (.+)/.exec(text) ?? [];
    const name = path.split('/').at(-1) ?? '';
    expect(index).toContain(`[${title}](${name})`);
  });
});
