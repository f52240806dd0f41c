import { basename, join } from 'node:path';
import { packageRoot } from '../local/process/package-root.js';
import { startChild, type Child } from '../local/process/start-child.js';
import { waitUntilReady } from '../local/process/wait-until-ready.js';

export interface ScriptOptions {
  /** Below `dist/bench`, without its ending. */
  readonly script: string;
  readonly args: readonly string[];
  /** An existing folder for its log. */
  readonly dir: string;
  /** Tells one of several in the names of their logs. */
  readonly port: number;
  /** A real question to it. Any rejection means "not yet". */
  readonly probe: () => Promise<unknown>;
}

/** Starts a process of the bench and waits until it answers. Rejects with its last lines when it does not. */
export async function startScript({ script, args, dir, port, probe }: ScriptOptions): Promise<Child> {
  const name = basename(script);
  const child = await startChild({
    name,
    command: process.execPath,
    args: [join(packageRoot(), 'dist', 'bench', `${script}.js`), ...args],
    cwd: dir,
    env: {},
    logFile: join(dir, `${name}-${port}.log`),
  });
  await waitUntilReady({ name, child, probe });
  return child;
}
