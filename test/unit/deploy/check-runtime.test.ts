import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from '@jest/globals';

const program = fileURLToPath(new URL('../../../.github/check-runtime.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'waiver-'));
afterAll(() => rmSync(folder, { recursive: true }));

const check = (today: string, waiver?: object) => {
  const file = join(folder, 'waiver.json');
  if (waiver) writeFileSync(file, JSON.stringify(waiver));
  const args = [program, `--today=${today}`, ...(waiver ? [`--waiver=${file}`] : [])];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { status, said: stdout + stderr };
};
const waiver = { major: 20, decided: '2026-11-23', until: '2027-03-31', reason: 'because' };

test('SUP-03 a supported runtime needs no exception', () => {
  expect(check('2026-04-30', {})).toMatchObject({ status: 0, said: expect.stringContaining('is supported until') });
});

test('SUP-03 an ended runtime passes while the exception that is checked in is in force', () => {
  expect(check('2026-11-23').status).toBe(0);
});

test.each([
  ['whose exception has run out', '2027-04-01', {}],
  ['whose exception is for another major', '2026-12-01', { major: 18 }],
  ['whose exception has no reason', '2026-12-01', { reason: '' }],
  ['whose exception is longer than half a year', '2026-12-01', { until: '2027-06-01' }],
  ['whose exception has no date', '2026-12-01', { until: undefined }],
])('SUP-03 an ended runtime %s fails', (_, today, change) => {
  expect(check(today, { ...waiver, ...change })).toMatchObject({ status: 1 });
});
