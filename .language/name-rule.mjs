// An ESLint rule: a declared name, a member or a file that holds a banned word. Uses of a name are not reported, because
// the name may be another package's; its declaration, if it is ours, is.
import { basename } from 'node:path';

import { findBannedWord } from './banned-word.mjs';

/** Identifiers that declare variables, parameters, functions and types. An import declares a name only if it renames. */
function declaredNames(sourceCode) {
  const definitions = sourceCode.scopeManager.scopes.flatMap(({ variables }) => variables.flatMap(({ defs }) => defs));
  return definitions
    .filter(({ type, node, name }) => type !== 'ImportBinding' || (node.imported?.name ?? name.name) !== name.name)
    .map(({ name }) => name);
}

const rule = {
  meta: {
    type: 'suggestion',
    schema: [{ type: 'array', items: { type: 'object' } }],
    messages: { banned: '"{{name}}" holds "{{word}}", which is not understood without a comment. Use {{use}}.' },
  },
  create(context) {
    const [entries] = context.options;
    const check = (node, name) => {
      const entry = findBannedWord(name, entries);
      if (entry === undefined) return;
      context.report({ node, messageId: 'banned', data: { name, word: entry.word, use: entry.use } });
    };
    const checkKey = ({ key, computed }) => {
      if (!computed && key.type === 'Identifier') check(key, key.name);
    };
    return {
      Program(node) {
        check(node, basename(context.filename).split('.')[0]);
      },
      'Program:exit'() {
        for (const identifier of new Set(declaredNames(context.sourceCode))) check(identifier, identifier.name);
      },
      // The short form repeats a name that is declared elsewhere.
      'ObjectExpression > Property[shorthand=false]': checkKey,
      'TSPropertySignature, TSMethodSignature, PropertyDefinition, MethodDefinition': checkKey,
    };
  },
};

/** The plugin as `eslint.config.mjs` loads it: `language/names`. */
export const languagePlugin = { rules: { names: rule } };
