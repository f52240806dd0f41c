// The form of a commit's message. The gate reads the commits that main does not have yet (.ci/lint-commits.mjs).
import { readdirSync } from 'node:fs';

import { findPhrases } from './.language/find-phrases.mjs';

/** Folders that npm, the build and the tests write. */
const GENERATED = ['node_modules', 'dist', 'coverage'];

/** A scope is a folder of the root, so that `git log` can be read by folder. Hidden folders have no scope. */
const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !GENERATED.includes(entry.name))
  .map(({ name }) => name);

/** A subject is read by people who have not seen the change: it names its actors, as comments do. */
function isPlain({ subject }) {
  const [found] = findPhrases(subject ?? '');
  return [found === undefined, `"${found?.phrase}" in a subject: use ${found?.use}`];
}

export default {
  extends: ['@commitlint/config-conventional'],
  helpUrl: 'CONTRIBUTING.md, section Commits',
  plugins: [{ rules: { 'subject-plain': isPlain } }],
  rules: {
    'subject-plain': [2, 'always'],
    'scope-enum': [2, 'always', { scopes: folders, delimiters: [','] }],
    'header-max-length': [2, 'always', 100],
    'subject-full-stop': [2, 'never', '.'],
    // A subject may begin with a name: PostgreSQL, ADR 12.
    'subject-case': [0],
    // A body may hold a table of measurements or a line of output.
    'body-max-line-length': [0],
    'footer-max-line-length': [0],
  },
};
