import ts from 'typescript';

/** The annotation that the compiler holds an object literal against, if one is written beside it. */
function findAnnotation(node: ts.Node): ts.TypeNode | undefined {
  const { parent } = node;
  if (ts.isSatisfiesExpression(parent)) return parent.type;
  if (ts.isReturnStatement(parent)) return ts.findAncestor(parent, ts.isFunctionLike)?.type;
  if (ts.isArrowFunction(parent) || ts.isVariableDeclaration(parent) || ts.isParameter(parent)) return parent.type;
  const isInside = ts.isAsExpression(parent) || ts.isParenthesizedExpression(parent);
  const isNested = ts.isPropertyAssignment(parent) || ts.isObjectLiteralExpression(parent);
  return isInside || isNested ? findAnnotation(parent) : undefined;
}

/**
 * True for `Record<Union, …>`, `{ [key in Union]: … }`, a name that `records` holds, and what `Readonly` or a record of any
 * keys wraps: an object of this type has every key.
 */
function hasEveryKey(type: ts.TypeNode, records: ReadonlySet<string>): boolean {
  if (ts.isMappedTypeNode(type)) return type.questionToken === undefined;
  if (!ts.isTypeReferenceNode(type)) return false;
  const name = type.typeName.getText();
  const [first, second] = type.typeArguments ?? [];
  if (name === 'Record' && first?.kind !== ts.SyntaxKind.StringKeyword) return true;
  const wrapped = name === 'Readonly' ? first : name === 'Record' ? second : undefined;
  return records.has(name) || (wrapped !== undefined && hasEveryKey(wrapped, records));
}

/** True where the compiler asks for every key of the object literal `node`. */
export function mustHaveEveryKey(node: ts.ObjectLiteralExpression, records: ReadonlySet<string>): boolean {
  const annotation = findAnnotation(node);
  return annotation !== undefined && hasEveryKey(annotation, records);
}

/** Names of the type aliases of `sources` whose objects have every key. */
export function findRecordTypes(sources: readonly ts.SourceFile[]): Set<string> {
  const aliases = sources.flatMap(({ statements }) => statements.filter(ts.isTypeAliasDeclaration));
  const direct = new Set<string>();
  return new Set(aliases.filter(({ type }) => hasEveryKey(type, direct)).map(({ name }) => name.text));
}
