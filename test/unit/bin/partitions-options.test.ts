import { describe, expect, test } from '@jest/globals';
import { readPartitionsOptions } from '../../../bin/partitions-options.js';

describe('the options of the partitions command', () => {
  test('are eight weeks ahead and no retention by default', () => {
    expect(readPartitionsOptions([])).toEqual({ weeksAhead: 8, retentionDays: undefined, dryRun: false, force: false });
  });

  test('accept more weeks, a retention, a dry run and force', () => {
    const args = ['--ahead', '12', '--retention=14', '--dry-run', '--force'];
    expect(readPartitionsOptions(args)).toEqual({ weeksAhead: 12, retentionDays: 14, dryRun: true, force: true });
  });

  test.each([
    // Deliveries of the last two weeks may still be retried, and repeated messages must find them.
    [['--retention', '13']],
    [['--retention', '-1']],
    [['--retention', '30d']],
    [['--retention']],
    [['--ahead', '0']],
    [['--ahead', '105']],
    [['--drop']],
    [['90']],
  ])('are invalid: %j', (args) => {
    expect(readPartitionsOptions(args)).toBeUndefined();
  });
});
