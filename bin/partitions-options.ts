import { parseArgs } from 'node:util';

export interface PartitionsOptions {
  readonly weeksAhead: number;
  /** Undefined: nothing is dropped. */
  readonly retentionDays: number | undefined;
  readonly dryRun: boolean;
  readonly force: boolean;
}

/** Messages in the stream and scheduled retries can belong to deliveries of the last two weeks. */
const MIN_RETENTION_DAYS = 14;
const MAX_WEEKS_AHEAD = 104;

export const PARTITIONS_USAGE = `Usage: npm run partitions -- [--ahead WEEKS] [--retention DAYS] [--dry-run] [--force]

Creates the weekly partitions of hook.delivery_attempts WEEKS ahead (default 8, at most ${MAX_WEEKS_AHEAD}) and drops the weeks
that ended more than DAYS ago (at least ${MIN_RETENTION_DAYS}; none without --retention). A week that contains a delivery without an
outcome is kept, unless --force is given. --dry-run prints what would be done. Safe to run at any time and several times at once.
DATABASE_URL names the migration role, as for npm run migrate.`;

/** Reads the options of the command line. Undefined if they are invalid. */
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
    const weeksAhead = parseWholeNumber(values.ahead, { min: 1, max: MAX_WEEKS_AHEAD });
    const days = { min: MIN_RETENTION_DAYS, max: 36_500 };
    const retentionDays = values.retention === undefined ? undefined : parseWholeNumber(values.retention, days);
    return { weeksAhead, retentionDays, dryRun: values['dry-run'], force: values.force };
  } catch {
    return undefined;
  }
}

function parseWholeNumber(text: string, { min, max }: { min: number; max: number }): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) throw new RangeError(`not a whole number from ${min} to ${max}`);
  return value;
}
