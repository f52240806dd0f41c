import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { chmod, chown, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { probePostgres } from './postgres/probe-postgres.js';
import { installBinaries } from './postgres/install-binaries.js';
import { unprivilegedUser, type SystemUser } from './postgres/unprivileged-user.js';
import { freePort } from './process/free-port.js';
import { packageRoot } from './process/package-root.js';
import { startChild, type Child } from './process/start-child.js';
import { waitUntilReady } from './process/wait-until-ready.js';
import { restartablePart, type Part } from './restartable-part.js';

export interface Postgres extends Part {
  /** Superuser on the database `postgres`, password included. */
  readonly adminUrl: string;
}

export interface PostgresOptions {
  /** An existing folder for binaries, data and log. As root, every folder above it must let other users pass (o+x). */
  readonly dir: string;
  readonly log: (line: string) => void;
  /** Server settings beyond ours, e.g. `{ log_statement: 'all' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Folder that contains node_modules with the binaries. Default: our own package. */
  readonly projectRoot?: string;
}

// Data does not survive a power cut, which tests and demo do not need. A killed server still recovers its data.
const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '200',
  // Uses files in the data directory, because a killed server would leave files in /dev/shm behind.
  dynamic_shared_memory_type: 'mmap',
};

/**
 * Starts PostgreSQL on a free port of 127.0.0.1, as an unprivileged user if this process is root. Log and data lie in
 * `dir` and survive `stop()` and `restart()`. Rejects with the last output of the server if it does not start.
 */
export const startPostgres = async (options: PostgresOptions): Promise<Postgres> => {
  const { dir, log } = options;
  const started = Date.now();
  const port = await freePort();
  const password = randomBytes(12).toString('hex');
  const adminUrl = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  const data = join(dir, 'data');
  const user = await createDataDirectory(data);
  const { bin } = await installBinaries(join(dir, 'native'), options.projectRoot ?? packageRoot());
  await initialize({ bin, data, password, user });
  const logFile = join(dir, 'postgres.log');
  const launch = () => launchServer({ bin, data, port, user, logFile, adminUrl, extra: options.settings ?? {} });
  const part = await restartablePart(logFile, launch);
  log(`PostgreSQL answers on 127.0.0.1:${port}${user ? ` as ${user.name}` : ''} (${Date.now() - started} ms)`);
  return Object.assign(part, { adminUrl });
};

const createDataDirectory = async (data: string): Promise<SystemUser | undefined> => {
  await mkdir(data, { mode: 0o700 });
  const user = unprivilegedUser(data);
  if (!user) return undefined;
  await chmod(dirname(data), 0o711);
  for (let folder = dirname(data); folder !== dirname(folder); folder = dirname(folder)) {
    const { mode } = await stat(folder);
    if ((mode & 0o001) === 0) {
      throw new Error(
        `PostgreSQL runs as user ${user.name}, which cannot enter ${folder}: use a folder open to other users`,
      );
    }
  }
  return user;
};

interface Initialization {
  readonly bin: string;
  readonly data: string;
  readonly password: string;
  readonly user: SystemUser | undefined;
}

const initialize = async ({ bin, data, password, user }: Initialization): Promise<void> => {
  const passwordFile = join(dirname(data), 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user) await chown(passwordFile, user.uid, user.gid);
  const initdb = join(bin, 'initdb');
  accessSync(initdb, constants.X_OK);
  const args = ['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
  const identity = user ? { uid: user.uid, gid: user.gid } : {};
  try {
    await promisify(execFile)(initdb, [...args, '-E', 'UTF8', '--locale=C', '--no-sync'], {
      cwd: dirname(data),
      env: environment,
      ...identity,
    });
  } catch (error) {
    throw new Error(`initdb failed: ${(error as { stderr?: string }).stderr || String(error)}`, { cause: error });
  } finally {
    await rm(passwordFile, { force: true });
  }
};

const environment = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' };

interface Server {
  readonly bin: string;
  readonly data: string;
  readonly port: number;
  readonly user: SystemUser | undefined;
  readonly logFile: string;
  readonly adminUrl: string;
  readonly extra: Readonly<Record<string, string>>;
}

const launchServer = async ({ bin, data, port, user, logFile, adminUrl, extra }: Server): Promise<Child> => {
  const flags = Object.entries({ ...settings, ...extra }).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  const child = await startChild({
    name: 'PostgreSQL',
    command: join(bin, 'postgres'),
    args: ['-D', data, '-p', String(port), ...flags],
    cwd: dirname(data),
    env: environment,
    logFile,
    // SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one; SIGTERM would wait for clients to leave.
    stopSignals: ['SIGINT', 'SIGQUIT', 'SIGKILL'],
    ...(user && { as: { uid: user.uid, gid: user.gid } }),
  });
  await waitUntilReady({
    name: 'PostgreSQL',
    child,
    // Our server has no TLS. `false` overrides the caller's PGSSLMODE.
    probe: () => probePostgres(adminUrl, false),
  });
  return child;
};
