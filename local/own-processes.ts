import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PreparedDatabase } from './prepare-database.js';
import { freePort } from './process/free-port.js';
import { packageRoot } from './process/package-root.js';
import { type Child, type ChildEnvironment, startChild } from './process/start-child.js';
import { waitUntilReady } from './process/wait-until-ready.js';
import type { Parts } from './start-parts.js';

export interface ProcessesOptions {
  readonly parts: Pick<Parts<'nats' | 'temporal' | 'kms'>, 'nats' | 'temporal' | 'kms' | 'dir'>;
  readonly database: Pick<PreparedDatabase, 'migrateUrl' | 'serviceUrl'>;
  /** Added to what the processes need, such as RETRY_SCHEDULE. */
  readonly env?: ChildEnvironment;
  /** Node's own arguments, such as `--cpu-prof`. */
  readonly nodeArguments?: readonly string[];
  /** Receives every line that a process logs. Without it the lines go to the log file of the process. */
  readonly onLine?: (line: string) => void;
}

/** One of our own processes. It differs from production only in its address and its outbound rules. */
export interface ServiceProcess {
  readonly child: Child;
  /** Of the internal listener: `http://127.0.0.1:<port>`. */
  readonly internalUrl: string;
  /** Of the API: `http://127.0.0.1:<port>`. */
  readonly url: string;
}

export interface OwnProcesses {
  /** Environment of the processes without their ports. */
  readonly env: ChildEnvironment;
  readonly startApi: () => Promise<ServiceProcess>;
  /** May be called several times; each process gets its own ports. */
  readonly startDispatcher: (env?: ChildEnvironment) => Promise<ServiceProcess>;
  /** Ends all started processes with SIGTERM first. */
  readonly stop: () => Promise<void>;
}

/** Migrates the database, sets up streams and search attributes, and resolves with functions that start the two processes. */
export async function prepareProcesses(options: ProcessesOptions): Promise<OwnProcesses> {
  const { database, parts } = options;
  const dir = join(parts.dir, 'service');
  await mkdir(dir, { recursive: true });
  const env = environment(options);
  const launcher: Launcher = {
    dir,
    env,
    children: [],
    nodeArguments: options.nodeArguments ?? [],
    ...(options.onLine && { onLine: options.onLine }),
  };
  await runOnce(launcher, 'migrate', { ...env, DATABASE_URL: database.migrateUrl });
  await runOnce(launcher, 'setup', env);
  return {
    env,
    startApi: () => start(launcher, 'api', {}),
    startDispatcher: (more = {}) => start(launcher, 'dispatcher', more),
    stop: async () => {
      await Promise.all(launcher.children.map((child) => child.stop()));
    },
  };
}

/**
 * The children inherit no variables. NODE_EXTRA_CA_CERTS and similar ones would be refused, or would add trusted
 * certificates.
 */
function environment({ parts, database, env }: ProcessesOptions): ChildEnvironment {
  const { nats, temporal, kms } = parts;
  return {
    NODE_ENV: 'test',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    DATABASE_URL: database.serviceUrl,
    DATABASE_TLS: 'off',
    NATS_URL: nats.url,
    NATS_FETCH_EXPIRES_MS: '1000',
    NATS_IDLE_HEARTBEAT_MS: '500',
    TEMPORAL_ADDRESS: temporal.address,
    KMS_KEY_ID: kms.keyId,
    KMS_ENDPOINT: kms.endpoint,
    AWS_REGION: kms.region,
    AWS_ACCESS_KEY_ID: kms.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: kms.credentials.secretAccessKey,
    OUTBOUND_ALLOW: 'http,127.0.0.0/8',
    INTERNAL_HOST: '127.0.0.1',
    HTTP_HOST: '127.0.0.1',
    ...env,
  };
}

interface Launcher {
  readonly dir: string;
  readonly env: ChildEnvironment;
  readonly nodeArguments: readonly string[];
  readonly onLine?: (line: string) => void;
  readonly children: Child[];
}

type Script = 'migrate' | 'setup' | 'api' | 'dispatcher';

async function launch(launcher: Launcher, script: Script, env: ChildEnvironment): Promise<Child> {
  const child = await startChild({
    name: script,
    command: process.execPath,
    args: ['--enable-source-maps', ...launcher.nodeArguments, join(packageRoot(), 'dist', 'bin', `${script}.js`)],
    cwd: launcher.dir,
    env,
    logFile: join(launcher.dir, `${script}-${String(launcher.children.length)}.log`),
    ...(launcher.onLine && { onLine: launcher.onLine }),
    graceMs: 35_000,
  });
  launcher.children.push(child);
  return child;
}

async function runOnce(launcher: Launcher, script: Script, env: ChildEnvironment): Promise<void> {
  const lines: string[] = [];
  const child = await launch({ ...launcher, onLine: (line) => void lines.push(line) }, script, env);
  while (child.ended() === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
  for (const line of lines) launcher.onLine?.(line);
  if (child.ended() !== 'exit code 0')
    throw new Error([`${script} ended with ${String(child.ended())}`, ...lines.slice(-10), child.tail()].join('\n'));
}

async function start(launcher: Launcher, script: Script, more: ChildEnvironment): Promise<ServiceProcess> {
  const [http, internal] = [await freePort(), await freePort()];
  const env = { ...launcher.env, HTTP_PORT: String(http), INTERNAL_PORT: String(internal), ...more };
  const child = await launch(launcher, script, env);
  const internalUrl = `http://127.0.0.1:${String(internal)}`;
  const probe = async () => {
    const answer = await fetch(`${internalUrl}/ready`, { signal: AbortSignal.timeout(1_000) });
    if (!answer.ok) throw new Error(await answer.text());
  };
  await waitUntilReady({ name: script, child, probe });
  return { child, internalUrl, url: `http://127.0.0.1:${String(http)}` };
}
