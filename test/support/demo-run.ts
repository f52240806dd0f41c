import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../local/process/package-root.js';
import { eventually } from './eventually.js';

export interface DemoRun {
  /** Everything that it printed so far, on both outputs. */
  readonly output: () => string;
  /** Resolves with the output that matches. */
  readonly saying: (pattern: RegExp) => Promise<RegExpExecArray>;
  readonly interrupt: () => void;
  /** Exit code. */
  readonly ended: Promise<number | null>;
  /** Names in its folder for temporary files, and command lines or ids of processes that work below it. */
  readonly leftovers: () => Promise<{ files: string[]; processes: string[] }>;
  readonly clean: () => Promise<void>;
}

/** Starts the demo as `npm run demo` does, into a pipe, with a folder for temporary files of its own. */
export async function runDemo(...args: string[]): Promise<DemoRun> {
  const folder = await mkdtemp(join(tmpdir(), 'demo-test-'));
  await chmod(folder, 0o755);
  const child = spawn(process.execPath, [join(packageRoot(), 'dist', 'bin', 'demo.js'), ...args], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return {
    output: () => output,
    saying: (pattern) =>
      eventually(() => {
        if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}:\n${output}`);
        return Promise.resolve(pattern.exec(output) ?? undefined);
      }, 90_000),
    interrupt: () => void child.kill('SIGINT'),
    ended,
    leftovers: async () => ({ files: await readdir(folder), processes: await workingBelow(folder) }),
    clean: async () => {
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
    },
  };
}

/** Every part and process has its working directory inside its run's directory. */
async function workingBelow(folder: string): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    ids.map(async (id) => {
      const directory = await readlink(`/proc/${id}/cwd`).catch(() => '');
      return directory.startsWith(folder) ? [`${id} in ${directory}`] : [];
    }),
  );
  return found.flat();
}
