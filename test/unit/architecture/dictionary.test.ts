import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { listFiles, root } from './list-files.js';

const words = readFileSync(join(root, '.language/dictionary.txt'), 'utf8').trimEnd().split('\n');

/** Text of the files that the spell check reads. The dictionary itself is none of them. */
function checkedText(): string {
  const files = listFiles('', ['.ts', '.md', '.mjs', '.cjs', '.sql', '.yml']);
  return files.map((file) => readFileSync(join(root, file), 'utf8').toLowerCase()).join('\n');
}

test('the words of the project are sorted, lower case and listed once', () => {
  const sorted = [...new Set(words.map((word) => word.toLowerCase()))].sort();
  expect(words).toEqual(sorted);
});

test('every word of the project is still used', () => {
  const text = checkedText();
  expect(words.filter((word) => !text.includes(word))).toEqual([]);
});
