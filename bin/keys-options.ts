import { parseArgs } from 'node:util';
import { MAX_KEY_DAYS } from '../keys/data-keys.js';
import { DAY_MS } from '../domain/delivery/durations.js';

export interface KeysOptions {
  /** Days since 1970. Older data keys are replaced. */
  readonly beforeDay: number;
  readonly dryRun: boolean;
}

export const KEYS_USAGE = `Usage: npm run keys -- reencrypt [--before YYYY-MM-DD] [--dry-run]

Re-encrypts webhook secrets that are still under the master key KMS_PREVIOUS_KEY_ID, or under a data key of their account
created before that day (UTC, at most today; default ${MAX_KEY_DAYS} days ago). Safe to interrupt and to run again at any time.
--dry-run decrypts every envelope, counts, and changes nothing.
DATABASE_URL names the role hook_keys of deploy/postgres/keys-role.sql.`;

/** Reads the options of the command line. Undefined if they are invalid. */
export function readKeysOptions(args: readonly string[], nowMs: number): KeysOptions | undefined {
  const today = Math.floor(nowMs / DAY_MS);
  try {
    const options = { before: { type: 'string' }, 'dry-run': { type: 'boolean', default: false } } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    // A secret sealed today uses a data key made today. With a later day every run would replace all keys again.
    const beforeDay = values.before === undefined ? today - MAX_KEY_DAYS + 1 : parseDayNumber(values.before);
    if (positionals.join(' ') !== 'reencrypt' || !(beforeDay <= today)) return undefined;
    return { beforeDay, dryRun: values['dry-run'] };
  } catch {
    return undefined;
  }
}

/** Days since 1970, NaN for an invalid date. */
function parseDayNumber(text: string): number {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return time / DAY_MS;
}
