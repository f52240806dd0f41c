import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRunDirectory } from '../../../local/process/run-directory.js';
import { packageRoot } from '../../../local/process/package-root.js';
import { startParts } from '../../../local/start-parts.js';

const log = (): void => undefined;
const isRunning = (pid: number | undefined): boolean =>
  existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
const until = async (condition: () => boolean): Promise<void> => {
  for (let wait = 0; wait < 100 && !condition(); wait += 1) await sleep(100);
};

describe('what a run leaves behind', () => {
  let base: string;
  const children: ChildProcess[] = [];
  const program = (source: string, ...args: string[]): ChildProcess => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', source, '--', ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    return child;
  };
  const idle = (argument: string): ChildProcess => program('setInterval(() => undefined, 1000)', argument);
  const abandoned = async (name: string, owner: string, child?: ChildProcess): Promise<string> => {
    const dir = join(base, `webhook-dispatcher-run-${name}`);
    await mkdir(join(dir, 'part'), { recursive: true });
    await writeFile(join(dir, 'owner.pid'), owner);
    if (child) await writeFile(join(dir, 'part', 'part.pid'), String(child.pid));
    return dir;
  };

  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'local-left-'));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await rm(base, { recursive: true });
  });

  test('is swept by the next run when its owner is gone, servers included, and nothing else', async () => {
    const server = idle(join(base, 'webhook-dispatcher-run-dead'));
    const stranger = idle('another process, which reuses the id of a server');
    const dead = await abandoned('dead', '4194305', server);
    const reused = await abandoned('reused', '4194305', stranger);
    const living = await abandoned('living', String(process.pid));
    const young = await abandoned('young', '');
    const old = await abandoned('old', '');
    await utimes(old, 1, 1);
    const run = await createRunDirectory(log, base);
    await until(() => !isRunning(server.pid));
    expect([dead, reused, living, young, old].map((dir) => existsSync(dir))).toEqual([false, false, true, true, false]);
    expect([server, stranger].map((child) => isRunning(child.pid))).toEqual([false, true]);
    expect((await stat(run.dir)).mode & 0o777).toBe(0o711);
    await run.remove();
    expect(existsSync(run.dir)).toBe(false);
  });

  test('is no server, even when the owner is killed', async () => {
    const source = `
      import { startParts } from '${packageRoot()}/dist/local/start-parts.js';
      const { postgres, kms, dir } = await startParts({ log() {}, env: process.env, with: ['postgres', 'kms'] });
      console.log(JSON.stringify({ pids: [postgres.pid, kms.pid], dir }));`;
    const owner = program(source);
    const [line] = (await once(createInterface({ input: owner.stdout! }), 'line')) as [string];
    const { pids, dir } = JSON.parse(line) as { pids: number[]; dir: string };
    expect(pids.every(isRunning)).toBe(true);
    owner.kill('SIGKILL');
    await until(() => !pids.some(isRunning));
    expect(pids.map(isRunning)).toEqual([false, false]);
    await (await createRunDirectory(log)).remove();
    expect(existsSync(dir)).toBe(false);
  });

  test('is nothing when the start is interrupted', async () => {
    const started = startParts({ log, env: process.env, with: ['kms', 'nats'], signal: AbortSignal.timeout(5) });
    await expect(started).rejects.toThrow('interrupted while the parts started');
    const names = (await readdir(tmpdir())).filter((name) => name.startsWith('webhook-dispatcher-run-'));
    const owners = names.map((name) => readFile(join(tmpdir(), name, 'owner.pid'), 'utf8').catch(() => ''));
    expect(await Promise.all(owners)).not.toContain(`${process.pid}\n`);
  });
});
