import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'nats';
import { freePort } from './process/free-port.js';
import { startChild, type Child, type ChildEnvironment } from './process/start-child.js';
import { waitUntilReady } from './process/wait-until-ready.js';
import { restartablePart, type Part } from './restartable-part.js';
import { findTool } from './tools/find-tool.js';

export interface Nats extends Part {
  /** `nats://127.0.0.1:<port>`. */
  readonly url: string;
}

export interface NatsOptions {
  /** An existing folder for configuration, store and log. */
  readonly dir: string;
  readonly env: ChildEnvironment;
  readonly log: (line: string) => void;
  readonly progress?: (text: string) => void;
  /** Aborts the build of a tool. */
  readonly signal?: AbortSignal | undefined;
  /** Text added to the server's configuration file, e.g. an `authorization` block. */
  readonly config?: string;
  /** Credentials for the readiness probe, if `config` requires them. */
  readonly user?: { readonly user: string; readonly pass: string };
}

/**
 * Starts nats-server with JetStream on a free port of 127.0.0.1 and waits for JetStream's account information. Streams
 * are not provisioned here. The store survives `stop()` and `restart()`.
 */
export const startNats = async (options: NatsOptions): Promise<Nats> => {
  const { dir, env, log } = options;
  const tool = await findTool({ ...options, name: 'nats-server' });
  const started = Date.now();
  const port = await freePort();
  const url = `nats://127.0.0.1:${port}`;
  const config = join(dir, 'nats.conf');
  await mkdir(join(dir, 'store'), { recursive: true });
  await writeFile(config, configuration(port, join(dir, 'store')) + (options.config ?? ''), { mode: 0o600 });
  const logFile = join(dir, 'nats.log');
  const launch = async (): Promise<Child> => {
    const child = await startChild({
      name: 'NATS',
      command: tool.path,
      args: ['-c', config],
      cwd: dir,
      env: { PATH: env['PATH'], HOME: dir },
      logFile,
    });
    await waitUntilReady({ name: 'NATS', child, probe: () => probeJetStream(url, options.user) });
    return child;
  };
  const part = await restartablePart(logFile, launch);
  log(`NATS answers on 127.0.0.1:${port}, nats-server from ${tool.from}: ${tool.path} (${Date.now() - started} ms)`);
  return Object.assign(part, { url });
};

const configuration = (port: number, store: string): string =>
  `host: 127.0.0.1\nport: ${port}\njetstream { store_dir: ${JSON.stringify(store)} }\n`;

/** Connects and requests JetStream's account information. Rejects when the server or its JetStream does not answer. */
export const probeJetStream = async (servers: string, user?: NatsOptions['user']): Promise<void> => {
  const connection = await connect({ servers, ...user, reconnect: false, timeout: 2_000 });
  try {
    const manager = await connection.jetstreamManager();
    await manager.getAccountInfo();
  } finally {
    await connection.close();
  }
};
