import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packageRoot } from '../local/process/package-root.js';

export interface DemoOptions {
  readonly once: boolean;
  /** Path of a file with one message per line. */
  readonly events: string;
}

/** Reads the options of the command line. Undefined if they are invalid. */
export function readDemoOptions(args: string[]): DemoOptions | undefined {
  const events = { type: 'string', default: join(packageRoot(), 'demo', 'events.jsonl') } as const;
  try {
    return parseArgs({ args, options: { once: { type: 'boolean', default: false }, events } }).values;
  } catch {
    return undefined;
  }
}
