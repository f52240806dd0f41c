// What people read in a file, by kind. A text is the file with everything else blanked out, so that places stay right.
import ts from 'typescript';

const isTest = (path) => path.startsWith('test/');

/** True for files that hold code in TypeScript or JavaScript. */
export const isScript = (path) => /\.[cm]?[jt]s$/.test(path);

/** The syntax tree of a script. */
export const parseScript = (path, text) => ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);

const blank = (text) => text.replace(/[^\n]/g, ' ');

/** Replaces what lies inside `spans`, which are in order, and what lies between them. */
function rewrite(text, spans, { inside, between }) {
  const pieces = [];
  let end = 0;
  for (const span of spans) {
    pieces.push(between(text.slice(end, span.start)), inside(text.slice(span.start, span.end)));
    end = span.end;
  }
  return pieces.join('') + between(text.slice(end));
}

const same = (text) => text;
const keepOnly = (text, spans) => rewrite(text, spans, { inside: same, between: blank });
const blankOut = (text, spans) => rewrite(text, spans, { inside: blank, between: same });

/** Where `pattern` matches, in order. */
const spansOf = (text, pattern) =>
  [...text.matchAll(pattern)].map(({ 0: match, index }) => ({ start: index, end: index + match.length }));

const isText = (node) =>
  ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node);

/** Text in words: a literal without a space is a value, such as the name of a user. */
const isProse = (node) => isText(node) && node.text.includes(' ');

const isTitle = ({ parent }) => ts.isCallExpression(parent) && /^(?:test|describe)\b/.test(parent.expression.getText());

/** String literals, pieces of templates and regular expressions, in order. */
function readLiterals(source) {
  const literals = [];
  const visit = (node) => {
    if (isText(node) || ts.isRegularExpressionLiteral(node))
      literals.push({ start: node.getStart(source), end: node.end, node });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return literals;
}

/** Comments of every script, messages of TypeScript, comments and titles of tests. */
export function readScriptTexts(source) {
  const { fileName, text } = source;
  const literals = readLiterals(source);
  const texts = literals.filter(({ node }) => isProse(node));
  // A literal may hold what looks like a comment: an address, a pattern.
  const comments = spansOf(blankOut(text, literals), /\/\*[\s\S]*?\*\/|\/\/.*/g);
  if (isTest(fileName)) {
    const titles = texts.filter(({ node }) => isTitle(node));
    return {
      tests: keepOnly(
        text,
        [...comments, ...titles].sort((a, b) => a.start - b.start),
      ),
    };
  }
  return { comments: keepOnly(text, comments), ...(fileName.endsWith('.ts') && { messages: keepOnly(text, texts) }) };
}

const MARKDOWN_FENCE = /^(`{3,}|~{3,})[\s\S]*?^\1/gm;
const MARKDOWN_CODE_OR_HEADING = /^(?: {4}|\t|#).*/gm;
const MARKDOWN_INLINE_CODE = /(`+)[\s\S]*?\1/g;
const MARKDOWN_ADDRESS = /\]\([^)]*\)/g;

/** Markdown without code, headings and the addresses of links. */
function readDocument(text) {
  return [MARKDOWN_FENCE, MARKDOWN_CODE_OR_HEADING, MARKDOWN_INLINE_CODE, MARKDOWN_ADDRESS].reduce(
    (rest, pattern) => rest.replace(pattern, blank),
    text,
  );
}

/** Kind (`documents`, `comments`, `tests`) → text, for a file that is no script. */
export function readOtherTexts(path, text) {
  if (path.endsWith('.md')) return { documents: readDocument(text) };
  const comments = keepOnly(text, spansOf(text, path.endsWith('.sql') ? /--.*/g : /(?<=^|\s)#.*/gm));
  return isTest(path) ? { tests: comments } : { comments };
}
