import { PHRASES } from './phrases.mjs';

// Between the words of a phrase a line may end, and the next begin as comments do: with *, //, # or --.
const BETWEEN_WORDS = '[ \\t]*(?:\\n[ \\t]*(?:\\*|//|#|--)?)?[ \\t]*';
const ANY_PHRASE = new RegExp(
  `\\b(?:${PHRASES.map(({ phrase }) => phrase.replaceAll(' ', BETWEEN_WORDS)).join('|')})\\b`,
  'gi',
);

const normalize = (match) =>
  match
    .toLowerCase()
    .split(/[^a-z]+/)
    .join(' ');

/** The phrases that `text` holds: `{ line, phrase, use }`, lines counted from 1. */
export function findPhrases(text) {
  return [...text.matchAll(ANY_PHRASE)].map(({ 0: match, index }) => {
    const phrase = normalize(match);
    const { use } = PHRASES.find((entry) => entry.phrase === phrase);
    return { line: text.slice(0, index).split('\n').length, phrase, use };
  });
}
