import { parseArgs } from 'node:util';
import { MAX_KEY_DAYS } from '../keys/data-keys.js';
import { DAY_MS } from '../domain/delivery/durations.js';

export interface KeysOptions {
  /** Days since 1970: data keys made before it are to be replaced. */
  readonly beforeDay: number;
  readonly dryRun: boolean;
}

export const KEYS_USAGE = `Usage: npm run keys -- reencrypt [--before YYYY-MM-DD] [--dry-run]

Seals webhook secrets anew that are still under the master key KMS_PREVIOUS_KEY_ID, or under a data key of their account made
before that day (UTC, at most today; without it ${MAX_KEY_DAYS} days ago). May be interrupted and run again at any time.
--dry-run opens every envelope, counts, and changes nothing.
DATABASE_URL names the role hook_keys of deploy/postgres/keys-role.sql.`;

/** What the command line asks for, or undefined if it asks for nothing that there is. */
export function readKeysOptions(args: readonly string[], nowMs: number): KeysOptions | undefined {
  const today = Math.floor(nowMs / DAY_MS);
  try {
    const options = { before: { type: 'string' }, 'dry-run': { type: 'boolean', default: false } } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    // A data key made on the day itself is what the next seal uses, so a later day would have no end.
    const beforeDay = values.before === undefined ? today - MAX_KEY_DAYS + 1 : dayOf(values.before);
    if (positionals.join(' ') !== 'reencrypt' || !(beforeDay <= today)) return undefined;
    return { beforeDay, dryRun: values['dry-run'] };
  } catch {
    return undefined;
  }
}

/** NaN for what is no day. */
function dayOf(text: string): number {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return time / DAY_MS;
}
