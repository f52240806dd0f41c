import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { packageRoot } from '../../../local/process/package-root.js';

interface Rule {
  alert: string;
  labels: { severity: string };
  annotations: { summary: string; runbook: string };
}

const folder = join(packageRoot(), 'deploy', 'prometheus');
const read = (...path: string[]) => readFileSync(join(packageRoot(), ...path), 'utf8');
const rules = (parse(read('deploy', 'prometheus', 'alerts.yml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);
const cases = (parse(read('deploy', 'prometheus', 'alerts.test.yml')) as { tests: { name: string }[] }).tests;
const runbook = read('docs', 'operations.md');

describe('alerts', () => {
  test.each(rules.map((rule) => [rule.alert, rule] as const))('%s has a section that says what to do', (name, rule) => {
    const [, section = ''] = runbook.split(`\n### ${name}\n`);
    expect((section.split('\n### ')[0] ?? '').replace(/\s+/g, ' ')).toContain(' Do: ');
    expect(rule.annotations.runbook).toBe(`docs/operations.md#${name.toLowerCase()}`);
    expect(['page', 'ticket']).toContain(rule.labels.severity);
  });

  test('have each a case that fires and one that stays quiet', () => {
    const expected = rules.flatMap(({ alert }) => [`${alert} fires`, `${alert} stays quiet`]);
    expect(cases.map(({ name }) => name)).toEqual(expected);
  });

  // Debian and others have promtool in the package prometheus; the rules are held against the exported names without it too.
  const promtool = spawnSync('promtool', ['--version']).status === 0;
  (promtool ? test : test.skip)('pass the tests of promtool (skipped where promtool is not installed)', () => {
    for (const args of [
      ['check', 'rules', 'alerts.yml'],
      ['test', 'rules', 'alerts.test.yml'],
    ]) {
      const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: folder, encoding: 'utf8' });
      expect([status, `${stdout}${stderr}`]).toEqual([0, expect.stringContaining('SUCCESS')]);
    }
  });
});
