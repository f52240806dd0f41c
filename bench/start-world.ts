import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, type NatsConnection } from 'nats';
import pg from 'pg';
import { type ServiceProcess, type OwnProcesses, prepareProcesses } from '../local/own-processes.js';
import { prepareDatabase, type PreparedDatabase } from '../local/prepare-database.js';
import { createRunDirectory } from '../local/process/run-directory.js';
import type { ChildEnvironment } from '../local/process/start-child.js';
import { startKms } from '../local/start-kms.js';
import { startNats } from '../local/start-nats.js';
import { startPostgres } from '../local/start-postgres.js';
import { startTemporal, type Temporal } from '../local/start-temporal.js';
import { startTemporalServer } from '../local/start-temporal-server.js';
import { type Certificates, issueCertificates } from './network/issue-certificates.js';
import { startDelayProxy } from './network/start-delay-proxy.js';
import { startNameServer } from './network/start-name-server.js';
import type { Watched } from './process-usage.js';
import { type Receiver, type ReceiverOptions, startReceiver } from './start-receiver.js';

export interface WorldOptions {
  readonly env: ChildEnvironment;
  readonly log: (line: string) => void;
  /** `dev`: the development server, which spares building the production one and says nothing about speed. */
  readonly temporal: 'production' | 'dev';
  /** Temporal without indexes that our search attributes do not need. */
  readonly leanVisibility?: boolean;
  /** Folder for CPU profiles of the dispatchers, written when they end. */
  readonly profile?: string | undefined;
  /** Registers how to undo what was just started; undone last first. */
  readonly onEnd: (undo: () => unknown) => void;
}

/** Everything that is measured, running on this machine. */
export interface World {
  readonly dir: string;
  /** Plain http; it runs from the beginning. */
  readonly receiver: Receiver;
  /** Starts one more, for https with a certificate that the services trust. */
  readonly openReceiver: (options: ReceiverKind) => Promise<Receiver>;
  /** Answers a port of this machine behind which that port is far away: each direction takes so many milliseconds. */
  readonly openDistance: (port: number, delayMs: number) => Promise<number>;
  readonly nats: NatsConnection;
  readonly natsUrl: string;
  readonly temporal: Temporal;
  /** Sees every row. */
  readonly admin: pg.Pool;
  readonly database: PreparedDatabase;
  readonly api: ServiceProcess;
  readonly processes: OwnProcesses;
  readonly dispatchers: ServiceProcess[];
  /** Ends the dispatchers that run and starts so many with this environment. */
  readonly restart: (count: number, env?: ChildEnvironment) => Promise<void>;
  readonly watched: () => Watched;
  readonly log: (line: string) => void;
}

export interface ReceiverKind extends Pick<ReceiverOptions, 'idle'> {
  readonly https: boolean;
}

/** Settings of a managed server: an acknowledged commit is on disk. */
const DURABLE = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  shared_buffers: '512MB',
  max_wal_size: '4GB',
  shared_preload_libraries: 'pg_stat_statements',
};

export async function startWorld(options: WorldOptions): Promise<World> {
  const { log, onEnd } = options;
  const run = await createRunDirectory(log);
  onEnd(run.remove);
  const { dir } = run;
  const { postgres, nats, kms, temporal } = await startServers(options, dir);
  const database = await prepareDatabase({ adminUrl: postgres.adminUrl, name: 'hook' });
  const network = await startNetwork(options, dir);
  const processes = await prepareProcesses({
    parts: { nats, temporal, kms, dir },
    database,
    env: { API_REQUESTS_PER_MINUTE: '100000', ...network.env },
    nodeArguments: options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`],
  });
  onEnd(processes.stop);
  const receiver = await network.openReceiver({ https: false });
  const admin = new pg.Pool({ connectionString: database.adminUrl, max: 3 });
  admin.on('error', () => undefined);
  onEnd(() => admin.end());
  const connection = await connect({ servers: nats.url, name: 'bench' });
  onEnd(() => connection.close());
  const dispatchers: ServiceProcess[] = [];
  const restart = async (count: number, more: ChildEnvironment = {}): Promise<void> => {
    await Promise.all(dispatchers.splice(0).map(({ child }) => child.stop()));
    for (let n = 0; n < count; n += 1) dispatchers.push(await processes.startDispatcher(more));
  };
  const servers = { temporal: temporal.pid ?? 0, postgres: postgres.pid ?? 0, nats: nats.pid ?? 0 };
  const watched = () => ({ ...named(dispatchers), ...servers });
  const api = await processes.startApi();
  const { openReceiver, openDistance } = network;
  const clients = { receiver, openReceiver, openDistance, nats: connection, natsUrl: nats.url, temporal, admin };
  return { dir, ...clients, database, api, processes, dispatchers, restart, watched, log };
}

async function startServers(options: WorldOptions, dir: string) {
  const { env, log, onEnd } = options;
  const started = { env, log };
  const postgres = await startPostgres({ dir: await folder(dir, 'postgres'), log, settings: DURABLE });
  onEnd(postgres.stop);
  const nats = await startNats({ ...started, dir: await folder(dir, 'nats') });
  onEnd(nats.stop);
  const kms = await startKms({ ...started, dir: await folder(dir, 'kms') });
  onEnd(kms.stop);
  const temporal = await startEngine(options, await folder(dir, 'temporal'), postgres.adminUrl);
  onEnd(temporal.stop);
  return { postgres, nats, kms, temporal };
}

/** Receivers, their names, certificates and distance, and what the services must be told to reach them. */
async function startNetwork({ onEnd }: WorldOptions, run: string) {
  const dir = await folder(run, 'network');
  const certificates: Certificates = await issueCertificates(dir);
  const names = await startNameServer(dir);
  onEnd(names.stop);
  const openReceiver = async ({ https, idle }: ReceiverKind): Promise<Receiver> => {
    const receiver = await startReceiver(dir, {
      certificates: https ? certificates : undefined,
      ...(idle && { idle }),
    });
    onEnd(receiver.stop);
    return receiver;
  };
  const openDistance = async (to: number, delayMs: number): Promise<number> => {
    const proxy = await startDelayProxy({ to, delayMs, dir });
    onEnd(proxy.stop);
    return proxy.port;
  };
  const env: ChildEnvironment = {
    OUTBOUND_ALLOW: 'http,any-port,127.0.0.0/8',
    OUTBOUND_TRUST_CA_FILE: certificates.caFile,
    OUTBOUND_NAME_SERVERS: names.address,
  };
  return { openReceiver, openDistance, env };
}

const named = (dispatchers: readonly ServiceProcess[]): Watched =>
  Object.fromEntries(dispatchers.map(({ child }, n) => [n === 0 ? 'dispatcher' : `dispatcher ${n + 1}`, child.pid]));

/** Open to the unprivileged user that PostgreSQL runs as when we are root. */
async function folder(run: string, name: string): Promise<string> {
  const path = join(run, name);
  await mkdir(path);
  await chmod(path, 0o711);
  return path;
}

async function startEngine(options: WorldOptions, dir: string, databaseUrl: string): Promise<Temporal> {
  const { env, log, temporal, leanVisibility = false } = options;
  if (temporal === 'dev') return await startTemporal({ dir, env, log });
  return await startTemporalServer({ dir, env, log, databaseUrl, leanVisibility });
}
