import { accessSync, constants, mkdtempSync, statSync } from 'node:fs';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runDirectoryPrefix } from './run-directory-prefix.js';
import { sweepRunDirectories } from './sweep-run-directories.js';

export interface RunDirectory {
  readonly dir: string;
  readonly remove: () => Promise<void>;
}

/**
 * Removes run directories whose process has ended, and creates a new one. The file `owner.pid` names its process. Other
 * users can enter the directory but not list it, because a server may run as another user.
 * @param base Parent folder. Default: the system's folder for temporary files; as root, one that other users can enter.
 */
export const createRunDirectory = async (
  log: (line: string) => void,
  base: string = openTemporaryFolder(),
): Promise<RunDirectory> => {
  await sweepRunDirectories(base, log);
  const dir = mkdtempSync(join(base, runDirectoryPrefix));
  await writeFile(join(dir, 'owner.pid'), `${process.pid}\n`);
  await chmod(dir, 0o711);
  return { dir, remove: () => rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }) };
};

// TMPDIR may lie in the home directory of root. The unprivileged user of PostgreSQL cannot enter it.
const openTemporaryFolder = (): string => {
  const folders = process.getuid?.() === 0 ? [tmpdir(), '/tmp', '/var/tmp'].filter(isOpenToOthers) : [tmpdir()];
  return folders[0] ?? tmpdir();
};

const isOpenToOthers = (folder: string): boolean => {
  try {
    accessSync(folder, constants.W_OK);
    const isRoot = dirname(folder) === folder;
    return (statSync(folder).mode & 0o001) !== 0 && (isRoot || isEnterable(dirname(folder)));
  } catch {
    return false;
  }
};

const isEnterable = (folder: string): boolean =>
  (statSync(folder).mode & 0o001) !== 0 && (dirname(folder) === folder || isEnterable(dirname(folder)));
