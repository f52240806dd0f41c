import { describe, expect, test } from '@jest/globals';
import { readKeysOptions } from '../../../bin/keys-options.js';

const noon = Date.UTC(2026, 10, 23, 12);
const today = Math.floor(noon / 86_400_000);
const read = (...args: string[]) => readKeysOptions(args, noon);

describe('the options of the keys command', () => {
  test('select data keys that the next written secret would not use, if no day is given', () => {
    expect(read('reencrypt')).toEqual({ beforeDay: today - 89, dryRun: false });
  });

  test('accept a day up to today, so that the work has an end', () => {
    expect(read('reencrypt', '--before', '2026-11-23', '--dry-run')).toEqual({ beforeDay: today, dryRun: true });
    expect(read('reencrypt', '--before=2026-11-01')).toEqual({ beforeDay: today - 22, dryRun: false });
    expect(read('reencrypt', '--before', '2026-11-24')).toBeUndefined();
  });

  test.each([
    [[]],
    [['encrypt']],
    [['reencrypt', 'more']],
    [['reencrypt', '--force']],
    [['reencrypt', '--before']],
    [['reencrypt', '--before', '2026-02-30T00']],
    [['reencrypt', '--before', '23.11.2026']],
  ])('are invalid: %j', (args) => {
    expect(read(...args)).toBeUndefined();
  });
});
