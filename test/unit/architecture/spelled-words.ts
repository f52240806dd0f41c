import ts from 'typescript';

import { mustHaveEveryKey } from './complete-keys.js';

/** Words that stand side by side in one node of the syntax tree, and whether they stand in text or in code. */
export interface SpelledWords {
  readonly node: ts.Node;
  readonly kind: 'list' | 'union' | 'keys' | 'fields' | 'comparison' | 'text';
  readonly words: readonly string[];
}

const textOf = (node: ts.Node | undefined): string[] =>
  node !== undefined && ts.isStringLiteralLike(node) ? [node.text] : [];

/** What one element of a list may spell: `'a'`, `z.literal('a')`, `['a', …]`, `counts.a`, `${counts.a}` in a template. */
function wordsOfElement(element: ts.Expression): string[] {
  if (ts.isCallExpression(element)) return element.arguments.length === 1 ? textOf(element.arguments[0]) : [];
  if (ts.isArrayLiteralExpression(element)) return textOf(element.elements[0]);
  if (ts.isPropertyAccessExpression(element)) return [element.name.text];
  if (ts.isTemplateExpression(element))
    return element.templateSpans.flatMap(({ expression }) => wordsOfElement(expression));
  return textOf(element);
}

const wordOfName = (name: ts.Node | undefined): string[] =>
  name !== undefined && (ts.isIdentifier(name) || ts.isStringLiteralLike(name)) ? [name.text] : [];

const wordOfType = (type: ts.TypeNode): string[] => (ts.isLiteralTypeNode(type) ? textOf(type.literal) : []);

const isLogical = ({ kind }: ts.Node) =>
  [ts.SyntaxKind.BarBarToken, ts.SyntaxKind.AmpersandAmpersandToken, ts.SyntaxKind.QuestionQuestionToken].includes(
    kind,
  );

const isEquality = ({ kind }: ts.Node) =>
  [ts.SyntaxKind.EqualsEqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsEqualsToken].includes(kind);

const isChain = (node: ts.Node): node is ts.BinaryExpression | ts.ConditionalExpression =>
  (ts.isBinaryExpression(node) && isLogical(node.operatorToken)) || ts.isConditionalExpression(node);

/** Literals that a chain of `||`, `&&` and `?:` compares a value with. */
function comparedWords(node: ts.Node): string[] {
  if (ts.isParenthesizedExpression(node)) return comparedWords(node.expression);
  if (ts.isConditionalExpression(node)) return [node.condition, node.whenTrue, node.whenFalse].flatMap(comparedWords);
  if (!ts.isBinaryExpression(node)) return [];
  if (isEquality(node.operatorToken)) return [node.left, node.right].flatMap(textOf);
  return isLogical(node.operatorToken) ? [node.left, node.right].flatMap(comparedWords) : [];
}

/** `a` and `b` of `counts.a + counts.b`, with any operators and values between them. */
function addedFields(node: ts.Node): string[] {
  if (ts.isPropertyAccessExpression(node)) return [node.name.text];
  if (ts.isParenthesizedExpression(node)) return addedFields(node.expression);
  return ts.isBinaryExpression(node) ? [node.left, node.right].flatMap(addedFields) : [];
}

const isPlus = (node: ts.Node): node is ts.BinaryExpression =>
  ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken;

/** The text of a literal, with a space for each `${…}`. */
function wholeText(node: ts.Node): string {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return '';
  return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join(' ');
}

const WORD = String.raw`[a-z][\w-]*`;
/** `'a'`, as SQL quotes a value, or one of several words that a comma, a bar, a slash, "or" or "and" separates. */
const QUOTED_OR_LISTED = new RegExp(
  String.raw`'(${WORD})'|(?<![\w-])(${WORD}(?:\s*(?:[,|/]|,?\s(?:or|and)\s)\s*${WORD})+)`,
  'g',
);

function wordsOfText(text: string): string[] {
  const matches = [...text.matchAll(QUOTED_OR_LISTED)];
  return matches.flatMap(([, quoted, listed]) => (quoted === undefined ? (listed ?? '').split(/[^\w-]+/) : [quoted]));
}

type Reader = (node: ts.Node, records: ReadonlySet<string>) => readonly string[];

/** How each kind of node spells words. */
const READERS: Readonly<Record<SpelledWords['kind'], Reader>> = {
  list: (node) => {
    if (ts.isArrayLiteralExpression(node)) return node.elements.flatMap(wordsOfElement);
    return ts.isCallExpression(node) ? node.arguments.flatMap(textOf) : [];
  },
  union: (node) => (ts.isUnionTypeNode(node) ? node.types.flatMap(wordOfType) : []),
  keys: (node, records) => {
    if (ts.isObjectLiteralExpression(node) && !mustHaveEveryKey(node, records))
      return node.properties.flatMap(({ name }) => wordOfName(name));
    const isShape = ts.isTypeLiteralNode(node) || ts.isInterfaceDeclaration(node);
    return isShape ? node.members.flatMap(({ name }) => wordOfName(name)) : [];
  },
  fields: (node) => {
    if (ts.isObjectBindingPattern(node))
      return node.elements.flatMap(({ name, propertyName }) => wordOfName(propertyName ?? name));
    return isPlus(node) && !isPlus(node.parent) ? addedFields(node) : [];
  },
  comparison: (node) => (isChain(node) && !isChain(node.parent) ? comparedWords(node) : []),
  text: (node) => [...wordsOfText(wholeText(node)), ...(ts.isTemplateExpression(node) ? wordsOfElement(node) : [])],
};

/** Everything in `source` that spells two or more words side by side. `records`: names of types whose objects are complete. */
export function readSpelledWords(source: ts.SourceFile, records: ReadonlySet<string>): SpelledWords[] {
  const found: SpelledWords[] = [];
  const visit = (node: ts.Node) => {
    for (const kind of Object.keys(READERS) as SpelledWords['kind'][]) {
      const words = READERS[kind](node, records);
      if (words.length > 1) found.push({ node, kind, words });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
