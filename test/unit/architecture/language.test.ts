import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { root } from './list-files.js';

interface Entry {
  readonly word: string;
  readonly use: string;
  readonly enforced: boolean;
  readonly exact?: boolean;
  readonly except?: readonly string[];
}
interface Found {
  readonly line: number;
  readonly phrase: string;
  readonly use: string;
}
type Texts = Readonly<Partial<Record<'comments' | 'tests' | 'documents' | 'messages', string>>>;

/** Plain JavaScript, because ESLint and commitlint load the same files. */
const load = async (name: string) => (await import(join(root, '.language', name))) as Record<string, unknown>;

const { findPhrases } = (await load('find-phrases.mjs')) as { findPhrases: (text: string) => Found[] };
const { findBannedWord } = (await load('banned-word.mjs')) as {
  findBannedWord: (name: string, entries: readonly Entry[]) => Entry | undefined;
};
const { NAMES } = (await load('names.mjs')) as { NAMES: readonly Entry[] };
const { MAXIMUM } = (await load('phrases.mjs')) as { MAXIMUM: Readonly<Record<string, number>> };
const { parseScript, readScriptTexts, readOtherTexts } = (await load('read-texts.mjs')) as {
  parseScript: (path: string, text: string) => unknown;
  readScriptTexts: (source: unknown) => Texts;
  readOtherTexts: (path: string, text: string) => Texts;
};

const textsOf = (path: string, text: string) =>
  /\.[cm]?[jt]s$/.test(path) ? readScriptTexts(parseScript(path, text)) : readOtherTexts(path, text);

/** `kind line phrase` of all that is found in a file. */
const found = (path: string, text: string) =>
  Object.entries(textsOf(path, text)).flatMap(([kind, part]) =>
    findPhrases(part).map(({ line, phrase }) => `${kind} ${line} ${phrase}`),
  );

describe('a phrase is found', () => {
  test.each([
    ['in a line comment', 'db/a.ts', 'const a = 1; // nobody waits', ['comments 1 nobody']],
    ['in a block comment', 'db/a.ts', '/**\n * Whoever starts first.\n */', ['comments 2 whoever']],
    ['over two lines', 'db/a.ts', '/** Counts what\n * is kept. */', ['comments 1 what is']],
    ['over two line comments', 'db/a.ts', '// counts what\n// is kept', ['comments 1 what is']],
    ['before a closing brace', 'db/a.ts', 'function f() {\n  // him\n}', ['comments 2 him']],
    ['in a message', 'cli/a.ts', "fail('somebody removed it');", ['messages 1 somebody']],
    ['in a piece of a template', 'cli/a.ts', 'fail(`${name} is whatever ${it}`);', ['messages 1 whatever']],
    ['in a test title', 'test/a.ts', "test.each(rows)('%s tells nobody', () => {});", ['tests 1 nobody']],
    ['in a comment of a test', 'test/a.ts', '// everybody waits', ['tests 1 everybody']],
    ['in SQL', 'db/a.sql', 'SELECT 1; -- those that wait', ['comments 1 those that']],
    ['in YAML', 'deploy/a.yaml', 'a: 1 # what is left', ['comments 1 what is']],
    [
      'in a document',
      'docs/a.md',
      '# Title\n\nWhat is\nkept, and for whom.',
      ['documents 3 what is', 'documents 4 whom'],
    ],
  ])('%s', (_, path, text, places) => {
    expect(found(path, text)).toEqual(places);
  });
});

describe('nothing is found', () => {
  test.each([
    ['in a heading', 'docs/a.md', '## What is a lane?\n\nA queue of requests.'],
    ['in the code of a document', 'docs/a.md', 'Run `nobody`:\n\n```\nwhoever\n```\n\n    somebody\n'],
    ['in the address of a link', 'docs/a.md', '[ADR 1](0001-what-is-whatever.md)'],
    ['in a longer word', 'db/a.ts', '// this hem; whatsoever; nobodyX'],
    ['in code', 'db/a.ts', 'export const nobody = his.whatever / him;'],
    ['in a value', 'local/a.ts', "run({ user: 'nobody' });"],
    ['in what only looks like a comment', 'db/a.ts', "const a = '// whom'; const b = /\\/* he/; const c = `/* his`;"],
    ['in the data of a test', 'test/a.ts', "test('the title', () => { send('somebody else'); });"],
    ['in a value of YAML', 'deploy/a.yaml', 'a: "somebody"\nb: c#whom'],
    ['between a comment and the next one', 'db/a.ts', '// what\nconst a = 1;\n// is'],
  ])('%s', (_, path, text) => {
    expect(found(path, text).filter((place) => !place.startsWith('messages'))).toEqual([]);
  });
});

test('a found phrase names what to write instead', () => {
  expect(findPhrases('for nobody')).toEqual([{ line: 1, phrase: 'nobody', use: expect.stringContaining('"no"') }]);
});

describe('a banned word', () => {
  const entry = (word: string, more: Partial<Entry> = {}): Entry => ({ word, use: 'x', enforced: true, ...more });

  test.each([
    ['together', 'attemptTogether'],
    ['together', 'TOGETHER_MS'],
    ['madeUp', 'madeUpEventSchema'],
    ['madeUp', 'made-up-event'],
    ['spell', 'HTTPSpell'],
    ['turns', 'turns2'],
  ])('%s is found in %s', (word, name) => {
    expect(findBannedWord(name, [entry(word)])).toMatchObject({ word });
  });

  test.each([
    ['together', 'altogether'],
    ['ill', 'fill'],
    ['spell', 'spelling'],
    ['madeUp', 'madeBackup'],
    ['tell', 'TELLER'],
  ])('%s is not found in %s', (word, name) => {
    expect(findBannedWord(name, [entry(word)])).toBeUndefined();
  });

  test('may be meant as the whole name, and may be part of a term of the field', () => {
    const exact = [entry('AWAY', { exact: true })];
    expect(['AWAY', 'away', 'whenAway'].filter((name) => findBannedWord(name, exact))).toEqual(['AWAY']);
    const except = [entry('material', { except: ['keyMaterial'] })];
    expect(findBannedWord('sealKeyMaterial', except)).toBeUndefined();
    expect(findBannedWord('AttemptMaterial', except)).toBeDefined();
  });

  test('stands once in the list, in alphabetical order', () => {
    const words = NAMES.map(({ word }) => word.toLowerCase());
    expect(words).toEqual([...new Set(words)].sort());
  });
});

describe('npm run language', () => {
  let tree = '';
  const run = () => {
    const args = [join(root, '.language/check.mjs'), '--root', tree];
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    return { status, lines: stdout.split('\n') };
  };
  /** A file that uses every word that is not enforced yet, as the tree does. */
  const useWords = () => {
    const names = NAMES.filter(({ enforced }) => !enforced).map(({ word }) => `let ${word};`);
    writeFileSync(join(tree, 'names.ts'), names.join('\n'));
  };

  beforeAll(() => {
    tree = mkdtempSync(join(tmpdir(), 'language-'));
  });

  afterAll(() => {
    rmSync(tree, { recursive: true, force: true });
  });

  test('fails with the places of a kind that has more phrases than its maximum', () => {
    useWords();
    const most = MAXIMUM['comments']!;
    writeFileSync(join(tree, 'a.ts'), '// whom\n'.repeat(most));
    expect(run().status).toBe(0);
    writeFileSync(join(tree, 'b.sql'), '-- for whom');
    expect(run()).toEqual({ status: 1, lines: expect.arrayContaining([`b.sql:1: "whom". Use the noun again.`]) });
    for (const name of ['a.ts', 'b.sql']) writeFileSync(join(tree, name), '');
  });

  test('asks to enforce a word that no name holds any more', () => {
    useWords();
    expect(run().status).toBe(0);
    writeFileSync(join(tree, 'names.ts'), '');
    const waiting = NAMES.filter(({ enforced }) => !enforced);
    expect(run().lines.filter((line) => line.startsWith('no name holds'))).toHaveLength(waiting.length);
    expect(run().status).toBe(waiting.length > 0 ? 1 : 0);
  });
});
