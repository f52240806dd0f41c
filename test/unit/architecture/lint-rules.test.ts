import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Each file holds one mistake, and the rule that must find it. */
const MISTAKES: [file: string, rule: string, code: string][] = [
  ['domain/clock.ts', 'no-restricted-syntax', 'export const now = () => Date.now();'],
  ['domain/date.ts', 'no-restricted-syntax', 'export const today = () => new Date();'],
  ['contracts/chance.ts', 'no-restricted-syntax', 'export const dice = () => Math.random();'],
  ['domain/timer.ts', 'no-restricted-globals', 'export const wait = (done: () => void) => setTimeout(done, 1);'],
  ['api/class.ts', 'no-restricted-syntax', 'export class WebhookService {}'],
  ['api/default.ts', 'no-restricted-syntax', 'export default 1;'],
  ['api/enum.ts', 'no-restricted-syntax', 'export enum Status { On }'],
  ['api/environment.ts', 'no-restricted-properties', "export const url = process.env['DATABASE_URL'];"],
  ['local/environment.ts', 'no-restricted-properties', "export const home = process.env['HOME'];"],
  ['api/process.ts', 'no-restricted-imports', "import { env } from 'node:process';\nexport const url = env['A'];"],
  ['api/console.ts', 'no-console', "console.log('hello');"],
  ['api/parameters.ts', 'max-params', 'export const f = (a: 1, b: 1, c: 1, d: 1) => [a, b, c, d];'],
  ['api/long.ts', 'max-lines', '\n'.repeat(201)],
  ['api/foremost.ts', 'language/names', 'export const a = 1;'],
  ['api/name.ts', 'language/names', 'export interface A { readonly admittingSince: number }'],
  ['api/note.ts', 'no-warning-comments', '// TODO later\nexport const a = 1;'],
  ['api/forgotten.ts', '@typescript-eslint/no-floating-promises', 'Promise.resolve(1);'],
  ['api/thrown.ts', '@typescript-eslint/only-throw-error', "export const f = () => { throw 'text'; };"],
  ['api/any.ts', '@typescript-eslint/no-explicit-any', 'export const f = (a: any) => typeof a;'],
  [
    'api/value.ts',
    '@typescript-eslint/consistent-type-imports',
    "import { Stats } from 'node:fs';\nexport type S = Stats;",
  ],
  [
    'api/outcomes.ts',
    '@typescript-eslint/switch-exhaustiveness-check',
    "export function f(a: 'x' | 'y') { switch (a) { case 'x': return 1; } return 2; }",
  ],
  ['test/mock.ts', 'no-restricted-syntax', "import { jest } from '@jest/globals';\njest.mock('../db/client.js');"],
];

const CLEAN: [file: string, code: string][] = [
  ['api/error.ts', 'export class NotFoundError extends Error {}'],
  ['bin/api.ts', "export const url = process.env['DATABASE_URL'];"],
  ['domain/given.ts', 'export const later = (now: Date) => new Date(now.getTime() + 1);'],
  ['drizzle.config.ts', 'export default {};'],
];

let tree = '';
let found: Map<string, string[]>;

beforeAll(async () => {
  tree = await mkdtemp(join(tmpdir(), 'lint-rules-'));
  for (const name of ['eslint.config.mjs', '.language', 'tsconfig.json', 'package.json'])
    await cp(join(root, name), join(tree, name), { recursive: true });
  await symlink(join(root, 'node_modules'), join(tree, 'node_modules'));
  for (const [file, code] of [...MISTAKES.map(([file, , code]) => [file, code] as const), ...CLEAN]) {
    await mkdir(dirname(join(tree, file)), { recursive: true });
    await writeFile(join(tree, file), `${code}\n`);
  }
  found = await lint();
});

afterAll(() => rm(tree, { recursive: true, force: true }));

/** File → rules it breaks, as the gate's own command finds them. */
async function lint(): Promise<Map<string, string[]>> {
  const args = [join(root, 'node_modules/eslint/bin/eslint.js'), '--format', 'json', '**/*.ts'];
  const report = await new Promise<string>((resolve) => {
    execFile(process.execPath, args, { cwd: tree, maxBuffer: 2 ** 26 }, (_, output) => resolve(output));
  });
  const results = JSON.parse(report) as { filePath: string; messages: { ruleId: string }[] }[];
  return new Map(
    results.map(({ filePath, messages }) => [filePath.split(`${tree}/`).pop() ?? '', messages.map((m) => m.ruleId)]),
  );
}

test.each(MISTAKES)('%s is refused by %s', (file, rule) => {
  expect(found.get(file)).toContain(rule);
});

test.each(CLEAN)('%s is accepted', (file) => {
  expect(found.get(file)).toEqual([]);
});
