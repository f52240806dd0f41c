import { describe, expect, test } from '@jest/globals';
import { readPartitionsOptions } from '../../../bin/partitions-options.js';

describe('what the partitions command is asked for', () => {
  test('is eight weeks ahead and nothing dropped, if nothing is said', () => {
    expect(readPartitionsOptions([])).toEqual({ weeksAhead: 8, retentionDays: undefined, dryRun: false, force: false });
  });

  test('may be more weeks, a retention, a dry run and force', () => {
    const args = ['--ahead', '12', '--retention=14', '--dry-run', '--force'];
    expect(readPartitionsOptions(args)).toEqual({ weeksAhead: 12, retentionDays: 14, dryRun: true, force: true });
  });

  test.each([
    // Two weeks are still being delivered and recognised.
    [['--retention', '13']],
    [['--retention', '-1']],
    [['--retention', '30d']],
    [['--retention']],
    [['--ahead', '0']],
    [['--ahead', '105']],
    [['--drop']],
    [['90']],
  ])('is nothing there is: %j', (args) => {
    expect(readPartitionsOptions(args)).toBeUndefined();
  });
});
