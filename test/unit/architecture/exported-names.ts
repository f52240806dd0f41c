import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import ts from 'typescript';

import { listFiles, root } from './list-files.js';

/** The folders that are compiled: shipped code and the benchmarks. */
const compiledFolders = (
  JSON.parse(readFileSync(join(root, 'tsconfig.build.json'), 'utf8')) as { readonly include: readonly string[] }
).include;

export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Every file of the compiled folders, in the order of its path. */
export function readCompiledFiles(): SourceFile[] {
  const paths = compiledFolders.flatMap((folder) => listFiles(folder, ['.ts']));
  return paths.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

const parse = ({ path, text }: SourceFile) => ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);

const isExported = (statement: ts.Statement) =>
  ts.canHaveModifiers(statement) &&
  (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);

/** Names that a pattern of `const { a, b: [c] } = …` declares. */
function boundNames(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isOmittedExpression(element) ? [] : boundNames(element.name)));
}

function declaredNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) => boundNames(name));
  const named =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement);
  return named && statement.name !== undefined ? [statement.name.text] : [];
}

/** Names that come from another module: exporting them again makes no second thing. */
function importedNames(statement: ts.Statement): string[] {
  if (!ts.isImportDeclaration(statement) || statement.importClause === undefined) return [];
  const { name, namedBindings } = statement.importClause;
  const bindings = namedBindings === undefined || ts.isNamespaceImport(namedBindings) ? [] : namedBindings.elements;
  const names = [name, ...bindings.map((binding) => binding.name)];
  return names.flatMap((each) => (each === undefined ? [] : [each.text]));
}

/** `export { a, b as c };` without `from`. */
function listedNames(statement: ts.Statement): { local: string; exported: string }[] {
  if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier !== undefined) return [];
  const clause = statement.exportClause;
  if (clause === undefined || !ts.isNamedExports(clause)) return [];
  return clause.elements.map(({ name, propertyName }) => ({
    local: (propertyName ?? name).text,
    exported: name.text,
  }));
}

/** Names that `file` exports and declares itself, each once: a type and a value of one name in one file are one thing. */
export function exportedNames(file: SourceFile): Set<string> {
  const { statements } = parse(file);
  const imported = new Set(statements.flatMap(importedNames));
  const listed = statements.flatMap(listedNames).filter(({ local }) => !imported.has(local));
  return new Set([...statements.filter(isExported).flatMap(declaredNames), ...listed.map(({ exported }) => exported)]);
}

/** Name → the files that declare it, for every name that more than one file exports. */
export function findSharedNames(files: readonly SourceFile[]): Record<string, string[]> {
  const owners = new Map<string, string[]>();
  for (const file of files)
    for (const name of exportedNames(file)) owners.set(name, [...(owners.get(name) ?? []), file.path]);
  return Object.fromEntries([...owners].filter(([, paths]) => paths.length > 1).sort(([a], [b]) => (a < b ? -1 : 1)));
}
