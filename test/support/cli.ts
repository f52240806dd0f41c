import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCliDeps } from '../../bin/webhookctl/create-cli-deps.js';
import { createCliResources } from '../../bin/webhookctl/cli-resources.js';
import { runCommandLine } from '../../cli/program.js';
import { packageRoot } from '../../local/process/package-root.js';
import type { ChildEnvironment } from '../../local/process/start-child.js';
import type { Stack } from './stack.js';

export interface CliRun {
  code: number;
  out: string;
  err: string;
  /** With `--json`: each line. */
  objects: () => Record<string, unknown>[];
}

const runOf = (code: number, out: string, err: string): CliRun => ({
  code,
  out,
  err,
  objects: () =>
    out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>),
});

/** Runs a command line in this process on real servers. `signal` stands for Ctrl-C. */
export async function runCli(
  env: ChildEnvironment,
  args: string[],
  signal = new AbortController().signal,
): Promise<CliRun> {
  const resources = createCliResources(env, {});
  let [out, err] = ['', ''];
  const stdout = { write: (text: string) => void (out += text) };
  const stderr = { write: (text: string) => void (err += text) };
  try {
    const code = await runCommandLine(createCliDeps(resources, { signal, live: false }), args, { stdout, stderr, env });
    return runOf(code, out, err);
  } finally {
    await resources.close();
  }
}

/** Runs the build output as an operator does, with its output in pipes. */
export async function spawnCli(env: ChildEnvironment, args: string[], input = ''): Promise<CliRun> {
  const file = join(packageRoot(), 'dist', 'bin', 'cli.js');
  const child = spawn(process.execPath, [file, ...args], { env: { PATH: process.env['PATH'], ...env } });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk));
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number];
  return runOf(code, out, err);
}

/** The processes' environment with the role that can read the deliveries of all accounts. */
export async function asReconciliationRole({ admin, processes }: Stack): Promise<ChildEnvironment> {
  await admin.query(await readFile(join(packageRoot(), 'deploy', 'postgres', 'reconciliation-role.sql'), 'utf8'));
  await admin.query(`ALTER ROLE hook_reconciliation PASSWORD 'local-only'`);
  const url = new URL(String(processes.env['DATABASE_URL']));
  url.username = 'hook_reconciliation';
  return { ...processes.env, DATABASE_URL: url.href };
}
