import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository, with a slash at its end. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

const NOT_OURS = new Set(['.git', 'node_modules', 'dist', 'coverage']);

/** Paths below `folder` whose name ends with one of `endings`, from `base`, sorted; without what npm, git and the build write. */
export function listFiles(folder: string, endings: readonly string[], base = root): string[] {
  const files: string[] = [];
  for (const entry of readdirSync(join(base, folder), { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory() && !NOT_OURS.has(entry.name)) files.push(...listFiles(path, endings, base));
    else if (entry.isFile() && endings.some((ending) => entry.name.endsWith(ending))) files.push(path);
  }
  return files.sort();
}
