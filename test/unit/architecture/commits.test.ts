import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { root } from './list-files.js';

/** Without what git reads from the person that runs the test, or from a hook. */
const env = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'))),
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'A Person',
  GIT_AUTHOR_EMAIL: 'person@example.com',
  GIT_COMMITTER_NAME: 'A Person',
  GIT_COMMITTER_EMAIL: 'person@example.com',
};

let folder = '';
/** The repository that the clones below come from: `main` is at a good commit. */
let origin = '';

const git = (cwd: string, ...args: string[]) => execFileSync('git', args, { cwd, env, stdio: 'pipe' });
const commit = (cwd: string, message: string) => git(cwd, 'commit', '--allow-empty', '--quiet', '--message', message);

function newRepository(): string {
  const repository = mkdtempSync(join(folder, 'repository-'));
  git(repository, 'init', '--quiet', '--initial-branch', 'main');
  return repository;
}

function clone(...options: string[]): string {
  const target = mkdtempSync(join(folder, 'clone-'));
  git(folder, 'clone', '--quiet', ...options, `file://${origin}`, target);
  return target;
}

/** Runs the gate as `npm run check` does. */
function lint(cwd: string): { passed: boolean; output: string } {
  const script = join(root, '.ci/lint-commits.mjs');
  const { status, stdout } = spawnSync(process.execPath, [script], { cwd, env, encoding: 'utf8' });
  return { passed: status === 0, output: stdout };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'commits-'));
  origin = newRepository();
  commit(origin, 'An old one, before there were rules.');
  commit(origin, 'feat(db): keep the outcome of an attempt');
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the message of a commit', () => {
  test.each([
    'feat(db): keep the outcome of an attempt',
    'docs: PostgreSQL 16 is the oldest server that works',
    'perf(bridge,activities): start a batch with one statement',
    'feat(api)!: name the states of a delivery by one word',
  ])('%s is accepted', (message) => {
    const repository = newRepository();
    commit(repository, message);
    expect(lint(repository)).toMatchObject({ passed: true });
  });

  test.each([
    ['keep the outcome', 'type may not be empty'],
    ['feature(db): keep the outcome', 'type must be one of'],
    ['feat(nowhere): keep the outcome', 'scope must be one of'],
    ['docs: tell what is kept', 'use the noun'],
    ['feat(db): keep the outcome.', 'subject may not end with full stop'],
    [`feat(db): ${'x'.repeat(91)}`, 'header must not be longer than 100 characters'],
  ])('%s is refused: %s', (message, reason) => {
    const repository = newRepository();
    commit(repository, message);
    expect(lint(repository)).toEqual({ passed: false, output: expect.stringContaining(reason) });
  });
});

describe('the gate lints', () => {
  test('every commit that origin/main does not have', () => {
    const repository = clone();
    git(repository, 'checkout', '--quiet', '-b', 'work');
    commit(repository, 'Wrong');
    commit(repository, 'fix(db): close the pool once');
    expect(lint(repository)).toEqual({ passed: false, output: expect.stringContaining('Wrong') });
  });

  test('only the last commit without a remote', () => {
    const repository = newRepository();
    commit(repository, 'Wrong');
    commit(repository, 'fix(db): close the pool once');
    expect(lint(repository)).toMatchObject({ passed: true });
    commit(repository, 'Wrong');
    expect(lint(repository)).toMatchObject({ passed: false });
  });

  test('only the last commit on main itself, also in a shallow clone', () => {
    expect(lint(clone())).toMatchObject({ passed: true });
    expect(lint(clone('--depth', '1'))).toMatchObject({ passed: true });
    const repository = clone();
    commit(repository, 'Wrong');
    git(repository, 'update-ref', 'refs/remotes/origin/main', 'HEAD');
    expect(lint(repository)).toMatchObject({ passed: false });
  });

  test('no merge, however it is worded', () => {
    const repository = clone();
    git(repository, 'checkout', '--quiet', '-b', 'work', 'HEAD~1');
    commit(repository, 'fix(db): close the pool once');
    git(repository, 'merge', '--quiet', '--no-ff', '--message', 'Main comes in.', 'main');
    expect(lint(repository)).toMatchObject({ passed: true });
    const shallow = mkdtempSync(join(folder, 'shallow-'));
    git(folder, 'clone', '--quiet', '--depth', '1', '--branch', 'work', `file://${repository}`, shallow);
    expect(lint(shallow)).toMatchObject({ passed: true });
  });

  test('nothing in a folder without git and in a repository without a commit', () => {
    expect(lint(folder)).toEqual({ passed: true, output: 'no commit to lint\n' });
    expect(lint(newRepository())).toEqual({ passed: true, output: 'no commit to lint\n' });
  });
});
