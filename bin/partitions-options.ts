import { parseArgs } from 'node:util';

export interface PartitionsOptions {
  readonly weeksAhead: number;
  /** Undefined: nothing is dropped. */
  readonly retentionDays: number | undefined;
  readonly dryRun: boolean;
  readonly force: boolean;
}

/** The stream may still bring messages, and the schedule retries, of the last two weeks. */
const SHORTEST_RETENTION_DAYS = 14;
const MOST_WEEKS_AHEAD = 104;

export const PARTITIONS_USAGE = `Usage: npm run partitions -- [--ahead WEEKS] [--retention DAYS] [--dry-run] [--force]

Makes the weekly partitions of hook.delivery_attempts WEEKS ahead (8, at most ${MOST_WEEKS_AHEAD}) and drops the weeks that
ended more than DAYS ago (at least ${SHORTEST_RETENTION_DAYS}; without --retention none). A week in which a delivery has no outcome yet is
kept, unless --force is given. --dry-run tells what would be done. May be run at any time and by several at once.
DATABASE_URL names the migration role, as for npm run migrate.`;

/** What the command line asks for, or undefined if it asks for nothing that there is. */
export function readPartitionsOptions(args: readonly string[]): PartitionsOptions | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        ahead: { type: 'string', default: '8' },
        retention: { type: 'string' },
        'dry-run': { type: 'boolean', default: false },
        force: { type: 'boolean', default: false },
      },
    });
    const weeksAhead = wholeNumber(values.ahead, { min: 1, max: MOST_WEEKS_AHEAD });
    const days = { min: SHORTEST_RETENTION_DAYS, max: 36_500 };
    const retentionDays = values.retention === undefined ? undefined : wholeNumber(values.retention, days);
    return { weeksAhead, retentionDays, dryRun: values['dry-run'], force: values.force };
  } catch {
    return undefined;
  }
}

function wholeNumber(text: string, { min, max }: { min: number; max: number }): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) throw new RangeError(`not a whole number from ${min} to ${max}`);
  return value;
}
