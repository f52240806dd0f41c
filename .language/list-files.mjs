import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Generated files, recorded files, and migrations, which are not edited after a database has run them. */
const LEFT_OUT = ['.git', 'node_modules', 'dist', 'coverage', 'test/histories', 'test/vectors', 'db/migrations'];
const READ = /\.(?:[cm]?[jt]s|md|sql|ya?ml|sh|conf|Dockerfile)$|(?:^|\/)(?:\.ci\/run|\.env\.example)$/;

/** Paths of the tree below `root` that people read and can change. */
export function listFiles(root, folder = '') {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (LEFT_OUT.includes(path)) return [];
    if (entry.isDirectory()) return listFiles(root, path);
    return entry.isFile() && READ.test(path) ? [path] : [];
  });
}
