import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { readSystemCa } from '../../../outbound/system-ca.js';

const directory = mkdtempSync(join(tmpdir(), 'system-ca-'));
afterAll(() => rmSync(directory, { recursive: true }));

const file = (name: string, content: string) => {
  writeFileSync(join(directory, name), content);
  return join(directory, name);
};
const bundle = '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n';

describe('readSystemCa', () => {
  test('takes the first path that holds certificates', () => {
    const paths = [
      join(directory, 'missing'),
      file('empty', ''),
      file('first', bundle),
      file('second', `${bundle}${bundle}`),
    ];
    expect(readSystemCa(paths)).toBe(bundle);
  });

  test('says what to do when there is none', () => {
    const empty = file('none', '# no certificates');
    expect(() => readSystemCa([empty])).toThrow(`install ca-certificates (looked at ${empty})`);
  });

  test('looks where the system keeps its bundle', () => {
    expect(readSystemCa()).toContain('-----BEGIN CERTIFICATE-----');
  });
});
