import ts from 'typescript';

import { findRecordTypes } from './complete-keys.js';
import type { SourceFile } from './exported-names.js';
import { readSpelledWords, type SpelledWords } from './spelled-words.js';

/** `export const NAME = ['a', 'b'] as const`: the one place that lists the values of a concept. */
export interface ClosedSet {
  readonly name: string;
  readonly path: string;
  /** All members, those of sets that are spread into it included. */
  readonly members: readonly string[];
  /** The members that it spells itself. */
  readonly own: readonly string[];
}

/** Where members of `set` are spelled side by side outside the file that owns it. */
export interface Place {
  readonly path: string;
  readonly line: number;
  readonly kind: SpelledWords['kind'];
  readonly set: string;
  readonly members: readonly string[];
}

interface Declaration {
  readonly name: string;
  readonly path: string;
  readonly own: readonly string[];
  readonly spread: readonly string[];
}

const parse = ({ path, text }: SourceFile) => ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);

/** The array of `[…] as const` and of `[…] as const satisfies …`. */
function constArray(node: ts.Expression | undefined): ts.ArrayLiteralExpression | undefined {
  if (node === undefined) return undefined;
  if (ts.isSatisfiesExpression(node)) return constArray(node.expression);
  if (!ts.isAsExpression(node) || node.type.getText() !== 'const') return undefined;
  return ts.isArrayLiteralExpression(node.expression) ? node.expression : undefined;
}

function readDeclaration(path: string, node: ts.VariableDeclaration): Declaration | undefined {
  const array = constArray(node.initializer);
  if (array === undefined || !ts.isIdentifier(node.name) || !/^[A-Z][A-Z\d_]*$/.test(node.name.text)) return undefined;
  const own = array.elements.flatMap((element) => (ts.isStringLiteralLike(element) ? [element.text] : []));
  const spread = array.elements.flatMap((element) =>
    ts.isSpreadElement(element) ? [element.expression.getText()] : [],
  );
  return own.length + spread.length === array.elements.length ? { name: node.name.text, path, own, spread } : undefined;
}

const isExported = ({ modifiers }: ts.VariableStatement) =>
  modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;

function readDeclarations(file: SourceFile): Declaration[] {
  const statements = parse(file).statements.filter(ts.isVariableStatement).filter(isExported);
  const declarations = statements.flatMap(({ declarationList }) => [...declarationList.declarations]);
  return declarations.flatMap((declaration) => readDeclaration(file.path, declaration) ?? []);
}

/** Every closed set of two or more members that `files` export. */
export function findClosedSets(files: readonly SourceFile[]): ClosedSet[] {
  const declarations = files.flatMap(readDeclarations);
  const membersOf = ({ own, spread }: Declaration): string[] => [
    ...spread.flatMap((name) => declarations.filter((other) => other.name === name).flatMap(membersOf)),
    ...own,
  ];
  const sets = declarations.map(({ spread: _, ...declaration }, index) => ({
    ...declaration,
    members: membersOf(declarations[index]!),
  }));
  return sets.filter(({ members }) => members.length > 1);
}

/** The set that `spelled` repeats: the one with most of its words, and the smallest of those. A file's own set comes first. */
function findRepeatedSet({ words }: SpelledWords, path: string, sets: readonly ClosedSet[]) {
  const hits = sets.map((set) => ({ set, members: set.members.filter((member) => words.includes(member)) }));
  const rank = ({ set, members }: (typeof hits)[number]) => [
    -members.length,
    set.path === path ? 0 : 1,
    set.members.length,
  ];
  const [best] = hits
    .filter(({ members }) => members.length > 1)
    .sort(
      (a, b) =>
        rank(a)
          .map((value, i) => value - rank(b)[i]!)
          .find((difference) => difference !== 0) ?? 0,
    );
  return best?.set.path === path ? undefined : best;
}

/** The declaration of a set repeats another one only if it adds nothing to it. */
function findSetAround(node: ts.Node, path: string, sets: readonly ClosedSet[]): ClosedSet | undefined {
  const declaration = ts.findAncestor(node, ts.isVariableDeclaration);
  if (declaration === undefined || constArray(declaration.initializer) !== node) return undefined;
  return sets.find((set) => set.path === path && set.name === declaration.name.getText());
}

function findPlacesIn(file: SourceFile, sets: readonly ClosedSet[], records: ReadonlySet<string>): Place[] {
  const source = parse(file);
  return readSpelledWords(source, records).flatMap((spelled) => {
    const declared = findSetAround(spelled.node, file.path, sets);
    const others = declared === undefined ? sets : sets.filter((set) => set !== declared && contains(set, declared));
    const repeated = findRepeatedSet(spelled, file.path, others);
    if (repeated === undefined) return [];
    const { line } = source.getLineAndCharacterOfPosition(spelled.node.getStart());
    return [{ path: file.path, line: line + 1, kind: spelled.kind, set: repeated.set.name, members: repeated.members }];
  });
}

const contains = (set: ClosedSet, other: ClosedSet) =>
  other.own.length > 1 && other.own.every((member) => set.own.includes(member));

/** Where `files` spell two or more members of one of `sets` side by side, outside the file that owns the set. */
export function findPlaces(files: readonly SourceFile[], sets: readonly ClosedSet[]): Place[] {
  const records = findRecordTypes(files.map(parse));
  return files.flatMap((file) => findPlacesIn(file, sets, records));
}
