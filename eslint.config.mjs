// Rules about everything but imports (those are in .dependency-cruiser.cjs) and formatting (Prettier). Every rule says why
// it is here; there are no per-line exceptions, so a rule that turns out wrong is changed in this file, with its reason.
import { defineConfig, globalIgnores } from 'eslint/config';
import prettier from 'eslint-config-prettier/flat';
import tseslint from 'typescript-eslint';

import { languagePlugin } from './.language/name-rule.mjs';
import { NAMES } from './.language/names.mjs';

const refuse = (selector, message) => ({ selector, message });

/** Syntax refused everywhere. The lists are joined below, because a later block replaces a rule, it does not add to it. */
const SYNTAX = [
  refuse(
    'ClassDeclaration:not([superClass.name=/(?:Error|Failure)$/]), ClassExpression',
    'Classes only for errors: dependencies are arguments of a factory, and control flow stays visible.',
  ),
  refuse('TSEnumDeclaration', 'Enums are code in disguise: a union of literals needs no run-time object.'),
];

const NAMED_EXPORTS = [
  refuse(
    'ExportDefaultDeclaration, ExportSpecifier[exported.name="default"]',
    'A named export has one name everywhere: it can be searched for and renamed.',
  ),
];

const NO_CLOCK = [
  refuse(
    'CallExpression[callee.object.name="Date"][callee.property.name="now"], CallExpression[callee.object.name="performance"]',
    'Rules take the time as an argument: a test can then choose it, and a replay repeats it.',
  ),
  refuse(
    'NewExpression[callee.name="Date"][arguments.length=0], CallExpression[callee.name="Date"]',
    'Rules take the time as an argument: a test can then choose it, and a replay repeats it.',
  ),
  refuse(
    'CallExpression[callee.object.name="Math"][callee.property.name="random"]',
    'Jitter is computed from the delivery id: the same delivery waits the same time on every replay.',
  ),
];

const NO_TIMERS = ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch'].map((name) => ({
  name,
  message: 'A rule answers at once: waiting and asking belong to workflows and activities.',
}));

const NO_OWN_MOCKS = [
  refuse(
    'CallExpression[callee.object.name="jest"][callee.property.name=/^(?:mock|doMock|unstable_mockModule)$/][arguments.0.value=/^\\./]',
    'Mocking our own modules freezes the structure: pass a function instead.',
  ),
];

const NO_ENVIRONMENT = {
  'no-restricted-properties': [
    'error',
    {
      object: 'process',
      property: 'env',
      message:
        'Only bin/ reads the environment and hands it to a loader of config/: one place to look, one to validate.',
    },
  ],
  'no-restricted-imports': [
    'error',
    { paths: [{ name: 'node:process', message: 'The environment comes from bin/ through a loader of config/.' }] },
  ],
};

const syntax = (...lists) => ({ 'no-restricted-syntax': ['error', ...lists.flat()] });

export default defineConfig(
  globalIgnores(['dist/', 'coverage/', 'node_modules/', 'test/histories/']),

  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' },
    plugins: { language: languagePlugin },
    rules: {
      // A name is understood without its comment: it uses the term of the field.
      'language/names': ['error', NAMES.filter(({ enforced }) => enforced)],
      // A forgotten await loses the error, and in a workflow the activity.
      '@typescript-eslint/no-floating-promises': 'error',
      // An async function where a plain one is expected: its rejection goes nowhere. Express 5 awaits its handlers.
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }],
      // A new outcome must be handled wherever outcomes are told apart.
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
      ],
      // A thrown value without a stack cannot be traced to its stage.
      '@typescript-eslint/only-throw-error': 'error',
      // A value import where a type is meant pulls the module into the workflow bundle.
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      // A cast hides what the compiler would have said; `any` spreads.
      '@typescript-eslint/no-explicit-any': 'error',
      // Numbers in a text are what ids and log lines are made of.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `() => socket.end()` and `return done(error)` are clearer than the blocks the rule asks for.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // Dependencies are functions, handed around without their object: declared as such, they cannot lose their `this`.
      '@typescript-eslint/method-signature-style': ['error', 'property'],
      // A name in front of an unused argument documents a signature that another file or package defines.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      // Records are lookups by design; noUncheckedIndexedAccess already makes the result optional.
      '@typescript-eslint/no-dynamic-delete': 'off',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      // Standard output belongs to the log and to the command line: both are written in bin/.
      'no-console': 'error',
      // What fits on a screen is read; what does not is skipped.
      'max-lines': ['error', { max: 200 }],
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 3],
      complexity: ['error', 12],
      'max-depth': ['error', 3],
      // A note to self is an issue without a number: finish it or file it.
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx', 'hack'], location: 'start' }],
      ...syntax(SYNTAX, NAMED_EXPORTS),
      ...NO_ENVIRONMENT,
    },
  },

  // Pure rules: no clock, no chance, no waiting. Schemas are rules too.
  {
    files: ['domain/**/*.ts', 'contracts/**/*.ts'],
    rules: { ...syntax(SYNTAX, NAMED_EXPORTS, NO_CLOCK), 'no-restricted-globals': ['error', ...NO_TIMERS] },
  },

  // Programs: they hand the environment to a loader and own standard output. The stand-ins for servers are programs too.
  {
    files: ['bin/**/*.ts', 'local/*-server.ts', 'local/customer.ts', 'bench/main.ts'],
    rules: { 'no-restricted-properties': 'off', 'no-restricted-imports': 'off', 'no-console': 'off' },
  },

  {
    files: ['test/**/*.ts'],
    rules: {
      ...syntax(SYNTAX, NAMED_EXPORTS, NO_OWN_MOCKS),
      // A suite is a list: its length says how much is covered. The bodies are held short by review.
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      // A table test has a parameter for each column.
      'max-params': 'off',
      // Tests start processes and choose their environment.
      'no-restricted-properties': 'off',
      // Response bodies of supertest and JSON fixtures are untyped; the assertion is the check.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      // A missing element fails the test at that line, as it should.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // A fake of an asynchronous function is asynchronous, with or without something to wait for.
      '@typescript-eslint/require-await': 'off',
    },
  },

  // Configuration files: their tools ask for default exports, and no type information is to be had.
  { files: ['*.config.ts'], rules: syntax(SYNTAX) },
  { files: ['**/*.{js,mjs,cjs}'], extends: [tseslint.configs.base, tseslint.configs.disableTypeChecked] },

  prettier,
);
