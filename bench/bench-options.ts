import { parseArgs } from 'node:util';

export interface BenchOptions {
  readonly quick: boolean;
  /** Names of scenarios; empty for all. */
  readonly only: string[];
  readonly temporal: 'production' | 'dev';
  readonly leanVisibility: boolean;
  /** Draws the findings of the last run instead of making one. */
  readonly chart: boolean;
  /** File for the findings, as JSON: written by a run, read by `chart`. */
  readonly json: string | undefined;
  /** Folder for CPU profiles. */
  readonly profile: string | undefined;
  /** Sizes that win over the usual ones. */
  readonly sizes: Record<string, number>;
}

export const USAGE = `usage: npm run bench -- [--quick] [--only NAME]… [--temporal production|dev] [--lean-visibility] [--json FILE] [--profile DIR] [--set SIZE=NUMBER]…
       npm run bench -- --chart [--json FILE]`;

/** What the command line asks for. @throws Error that names the unknown option or value. */
export function benchOptions(args: string[]): BenchOptions {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      temporal: { type: 'string', default: 'production' },
      'lean-visibility': { type: 'boolean', default: false },
      chart: { type: 'boolean', default: false },
      json: { type: 'string' },
      profile: { type: 'string' },
      set: { type: 'string', multiple: true, default: [] },
    },
  });
  const { quick, only, temporal, chart, json, profile } = values;
  if (temporal !== 'production' && temporal !== 'dev')
    throw new Error(`--temporal is production or dev, not ${temporal}`);
  const leanVisibility = values['lean-visibility'];
  const sizes = Object.fromEntries(values.set.map(sizeOf));
  return { quick, leanVisibility, only, temporal, chart, json, profile, sizes };
}

function sizeOf(text: string): [string, number] {
  const [, name = '', value = ''] = /^([a-z.]+)=(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (value === '') throw new Error(`--set takes a size and a number, such as steady.minutes=10, not ${text}`);
  return [name, Number(value)];
}
