import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { endWithParent } from './end-with-parent.js';

/** Environment handed to a child process; never the parent's own unless the caller passes it on. */
export type ChildEnvironment = Readonly<Record<string, string | undefined>>;

export interface ChildOptions {
  /** Used in messages: "PostgreSQL", "NATS". */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: ChildEnvironment;
  readonly cwd: string;
  /**
   * The child's output is appended to this file. A file beside it ending in `.pid` holds the process id while the child
   * runs.
   */
  readonly logFile: string;
  /** Runs the child as this user (only root may ask for it). */
  readonly as?: { readonly uid: number; readonly gid: number };
  /** Sent in turn until the child has ended. The second one is also sent when this process has ended. */
  readonly stopSignals?: readonly NodeJS.Signals[];
  /** Milliseconds to wait after each of `stopSignals`. */
  readonly graceMs?: number;
  /** Receives every line of standard output (which is then not in the log file). */
  readonly onLine?: (line: string) => void;
}

export interface Child {
  readonly pid: number;
  /** The reason it ended ("exit code 1", "SIGKILL"), or undefined while it runs. */
  readonly ended: () => string | undefined;
  /** The last lines it printed, for error messages. */
  readonly tail: () => string;
  /** Ends the child with its stop signals. Resolves when it has ended; may be called again. */
  readonly stop: () => Promise<void>;
  /** Ends the child at once, as a crash does. Resolves when it has ended. */
  readonly kill: () => Promise<void>;
}

/**
 * Starts a child process: its output goes to a file, it is ended by its own id, and it never outlives this process.
 * Rejects if the program cannot be started. `waitUntilReady` checks that it answers.
 */
export const startChild = async (options: ChildOptions): Promise<Child> => {
  const process = await spawnChild(options);
  const pid = process.pid as number;
  const pidFile = options.logFile.replace(/(\.log)?$/, '.pid');
  const signals = options.stopSignals ?? ['SIGTERM', 'SIGKILL'];
  const force = signals[1] ?? 'SIGKILL';
  writeFileSync(pidFile, `${pid}\n`);
  const cancelEndWithParent = endWithParent(pid, force);
  let reason: string | undefined;
  const gone = new Promise<void>((resolve) => {
    process.once('exit', (code, signal) => {
      reason = signal ?? `exit code ${code}`;
      cancelEndWithParent();
      rmSync(pidFile, { force: true });
      resolve();
    });
  });
  const end = (order: readonly NodeJS.Signals[]) =>
    reason === undefined ? endProcess({ process, gone, order, graceMs: options.graceMs ?? 10_000 }) : gone;
  return {
    pid,
    ended: () => reason,
    tail: () => lastLines(options.logFile),
    stop: () => end(signals),
    kill: () => end([force, 'SIGKILL']),
  };
};

const spawnChild = async (options: ChildOptions): Promise<ChildProcess> => {
  const log = openSync(options.logFile, 'a', 0o600);
  try {
    const child = spawn(options.command, options.args, {
      cwd: options.cwd,
      env: { ...options.env },
      // A separate process group: Ctrl-C then reaches only this process, which ends its children in order.
      detached: true,
      stdio: ['ignore', options.onLine ? 'pipe' : log, log],
      ...options.as,
    });
    if (options.onLine && child.stdout) createInterface({ input: child.stdout }).on('line', options.onLine);
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) =>
        reject(new Error(`${options.name}: cannot run ${options.command}: ${error.message}`)),
      );
    });
    child.on('error', () => undefined);
    return child;
  } finally {
    closeSync(log);
  }
};

interface EndInput {
  readonly process: ChildProcess;
  readonly gone: Promise<void>;
  readonly order: readonly NodeJS.Signals[];
  readonly graceMs: number;
}

const endProcess = async ({ process, gone, order, graceMs }: EndInput): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  for (const signal of order) {
    process.kill(signal);
    const timeout = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), graceMs);
    });
    const result = await Promise.race([gone, timeout]);
    clearTimeout(timer);
    if (result !== 'late') return;
  }
  await gone;
};

const lastLines = (file: string): string => {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
  } catch {
    return '';
  }
};
