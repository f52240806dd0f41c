import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { root } from './list-files.js';

let folder = '';

/** Runs gates of a package that has one that passes and two that fail. */
function check(...gates: string[]) {
  const args = [join(root, '.ci/check.mjs'), ...gates];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  return { status, stdout, stderr };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'check-'));
  const scripts = {
    good: `node -e "console.log('well done')"`,
    bad: `node -e "console.error('a place'); process.exitCode = 3"`,
    killed: `node -e "process.kill(process.pid)"`,
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts }));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('a run of gates that pass ends with 0 and shows their output', () => {
  expect(check('good')).toEqual({
    status: 0,
    stdout: expect.stringMatching(/^passed {2}good \(.*\)\nwell done\n/),
    stderr: '',
  });
});

test('every gate runs, also after one has failed, and the failed ones are named at the end', () => {
  const { status, stdout, stderr } = check('bad', 'killed', 'absent', 'good');
  expect(status).toBe(1);
  expect(stdout).toMatch(/^FAILED {2}bad \(.*\)\na place$/m);
  expect(stdout).toContain('well done');
  expect(stderr.replace('failed: ', '').trim().split(', ').sort()).toEqual(['absent', 'bad', 'killed']);
});
