// Counts the phrases of phrases.mjs by kind of text, fails where there are more than its MAXIMUM, and fails where a word of
// names.mjs has no use left and is not enforced.
//
//   npm run language               counts, and the places of a kind that has too many
//   npm run language -- --list     all places, and the names that hold a word that is not enforced yet
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import ts from 'typescript';

import { findBannedWord } from './banned-word.mjs';
import { findPhrases } from './find-phrases.mjs';
import { listFiles } from './list-files.mjs';
import { NAMES } from './names.mjs';
import { MAXIMUM } from './phrases.mjs';
import { isScript, parseScript, readOtherTexts, readScriptTexts } from './read-texts.mjs';

const { values } = parseArgs({ options: { list: { type: 'boolean', default: false }, root: { type: 'string' } } });
const root = values.root ?? fileURLToPath(new URL('../', import.meta.url));

/** Kind → places with a phrase. */
const phrases = Object.fromEntries(Object.keys(MAXIMUM).map((kind) => [kind, []]));
/** Word that is not enforced → names that hold it. */
const names = new Map(NAMES.filter(({ enforced }) => !enforced).map(({ word }) => [word, []]));

function readNames(path, source) {
  const found = new Set([basename(path).split('.')[0]]);
  const visit = (node) => {
    if (ts.isIdentifier(node)) found.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function checkFile(path) {
  const text = readFileSync(join(root, path), 'utf8');
  const source = isScript(path) ? parseScript(path, text) : undefined;
  const texts = source === undefined ? readOtherTexts(path, text) : readScriptTexts(source);
  for (const [kind, part] of Object.entries(texts))
    for (const { line, phrase, use } of findPhrases(part))
      phrases[kind].push(`${path}:${line}: "${phrase}". Use ${use}.`);
  if (!path.endsWith('.ts')) return;
  for (const name of readNames(path, source)) names.get(findBannedWord(name, NAMES)?.word)?.push(`${path}: ${name}`);
}

for (const path of listFiles(root)) checkFile(path);

for (const [kind, places] of Object.entries(phrases)) {
  const tooMany = places.length > MAXIMUM[kind];
  if (tooMany || values.list) console.log(places.join('\n'));
  console.log(`${kind}: ${places.length} phrases to replace, at most ${MAXIMUM[kind]}`);
  if (tooMany) process.exitCode = 1;
}
for (const [word, places] of names) {
  if (values.list) console.log(places.join('\n'));
  if (values.list) console.log(`names with "${word}": ${places.length}`);
  if (places.length > 0) continue;
  console.log(`no name holds "${word}" any more: set its \`enforced\` in .language/names.mjs to true`);
  process.exitCode = 1;
}
