import { lstat, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandLine } from './command-line.js';
import { isAlive } from './is-alive.js';
import { runDirectoryPrefix } from './run-directory-prefix.js';

/**
 * Removes the run directories below `base` that belong to this user and whose process has ended. Also ends the servers
 * that such a run left behind, but only processes whose command line names that directory, because systems reuse
 * process ids.
 */
export const sweepRunDirectories = async (base: string, log: (line: string) => void): Promise<void> => {
  for (const name of await readdir(base)) {
    if (!name.startsWith(runDirectoryPrefix)) continue;
    const dir = join(base, name);
    try {
      if (!(await isAbandoned(dir))) continue;
      await endLeftovers(dir);
      await rm(dir, { recursive: true, force: true });
      log(`removed ${dir}, left behind by a run that was killed`);
    } catch {
      // Another run removes the same directory, or it cannot be removed. This run can start in both cases.
    }
  }
};

const isAbandoned = async (dir: string): Promise<boolean> => {
  const found = await lstat(dir);
  if (!found.isDirectory() || found.uid !== process.getuid?.()) return false;
  const owner = await readPid(join(dir, 'owner.pid'));
  // A young directory without `owner.pid` is being created at this moment.
  return owner === undefined ? Date.now() - found.mtimeMs > 60_000 : !isAlive(owner);
};

const endLeftovers = async (dir: string): Promise<void> => {
  const pids = (await pidFiles(dir)).map(readPid);
  const left = (await Promise.all(pids)).filter((pid) => pid !== undefined && names(pid, dir)) as number[];
  // SIGQUIT is an immediate shutdown after which PostgreSQL still cleans up. It ends the other servers too.
  for (const signal of ['SIGQUIT', 'SIGKILL'] as const) {
    for (const pid of left.filter((each) => names(each, dir))) process.kill(pid, signal);
    for (let wait = 0; wait < 30 && left.some((pid) => names(pid, dir)); wait += 1) await sleep(100);
  }
};

const names = (pid: number, dir: string): boolean => isAlive(pid) && commandLine(pid).includes(dir);

const pidFiles = async (dir: string): Promise<string[]> => {
  const files = await Promise.all(
    (await readdir(dir)).map(async (part) => {
      const inside = await readdir(join(dir, part)).catch((): string[] => []);
      return inside.filter((name) => name.endsWith('.pid')).map((name) => join(dir, part, name));
    }),
  );
  return files.flat();
};

const readPid = async (file: string): Promise<number | undefined> => {
  const pid = Number(await readFile(file, 'utf8').catch(() => ''));
  return Number.isInteger(pid) && pid > 1 ? pid : undefined;
};
