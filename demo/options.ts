import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packageRoot } from '../local/process/package-root.js';

export interface DemoOptions {
  readonly once: boolean;
  /** A file of messages, one a line. */
  readonly events: string;
}

/** What the command line asks for, undefined when it is not understood. */
export function demoOptions(args: string[]): DemoOptions | undefined {
  const events = { type: 'string', default: join(packageRoot(), 'demo', 'events.jsonl') } as const;
  try {
    return parseArgs({ args, options: { once: { type: 'boolean', default: false }, events } }).values;
  } catch {
    return undefined;
  }
}
