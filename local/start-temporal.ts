import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { freePort } from './process/free-port.js';
import { startChild, type Child, type ChildEnvironment } from './process/start-child.js';
import { waitUntilReady } from './process/wait-until-ready.js';
import { restartablePart, type Part } from './restartable-part.js';
import { findTool } from './tools/find-tool.js';

export interface Temporal extends Part {
  /** `127.0.0.1:<port>`, namespace `default`. */
  readonly address: string;
  /** Undefined for an external server. */
  readonly uiUrl: string | undefined;
}

export interface TemporalOptions {
  /** An existing folder for database and log. */
  readonly dir: string;
  readonly env: ChildEnvironment;
  readonly log: (line: string) => void;
  readonly progress?: (text: string) => void;
  /** Aborts the build of a tool. */
  readonly signal?: AbortSignal | undefined;
  /** Dynamic configuration beyond ours; values are JSON. */
  readonly dynamicConfig?: Readonly<Record<string, string>>;
}

const searchAttributes = ['AccountId=Keyword', 'EventTypes=KeywordList', 'WebhookIds=KeywordList'];

/**
 * Dynamic configuration. The default limits are for a shared cluster and would throttle a load test, eager starts
 * included.
 */
export const loadTestLimits: Readonly<Record<string, string>> = {
  'frontend.namespaceRPS': '20000',
  'frontend.namespaceRPS.visibility': '2000',
  'frontend.rps': '20000',
  'frontend.namespaceCount': '10000',
  'history.rps': '30000',
  'matching.rps': '20000',
  'system.enableActivityEagerExecution': 'true',
  'matching.useNewMatcher': 'true',
  'matching.enableFairness': 'true',
};

/**
 * Starts Temporal's development server with its UI and our search attributes on free ports of 127.0.0.1, and waits until
 * the namespace `default` is described. Its state is one SQLite file that survives `stop()`, `kill()` and `restart()`.
 */
export const startTemporal = async (options: TemporalOptions): Promise<Temporal> => {
  const { dir, env, log } = options;
  const tool = await findTool({ ...options, name: 'temporal' });
  const started = Date.now();
  const [port, uiPort] = [await freePort(), await freePort()];
  const address = `127.0.0.1:${port}`;
  const uiUrl = `http://127.0.0.1:${uiPort}`;
  const logFile = join(dir, 'temporal.log');
  const launch = async (): Promise<Child> => {
    const child = await startChild({
      name: 'Temporal',
      command: tool.path,
      args: serverArguments({ dir, port, uiPort, extra: options.dynamicConfig ?? {} }),
      cwd: dir,
      // Without the caller's TEMPORAL_* variables and configuration file, which are for other servers.
      env: { PATH: env['PATH'], HOME: dir },
      logFile,
    });
    await waitUntilReady({
      name: 'Temporal',
      child,
      probe: () => probeTemporal(address, findSearchAttributes),
      deadlineMs: 60_000,
    });
    return child;
  };
  const part = await restartablePart(logFile, launch);
  log(`Temporal answers on ${address}, UI ${uiUrl}, from ${tool.from}: ${tool.path} (${Date.now() - started} ms)`);
  return Object.assign(part, { address, uiUrl });
};

interface ServerArguments {
  readonly dir: string;
  readonly port: number;
  readonly uiPort: number;
  readonly extra: Readonly<Record<string, string>>;
}

const serverArguments = ({ dir, port, uiPort, extra }: ServerArguments): string[] => [
  ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--ui-port', String(uiPort)],
  ...['--db-filename', join(dir, 'temporal.db'), '--sqlite-pragma', 'journal_mode=WAL'],
  ...['--sqlite-pragma', 'synchronous=OFF', '--log-level', 'warn'],
  ...searchAttributes.flatMap((attribute) => ['--search-attribute', attribute]),
  ...Object.entries({ ...loadTestLimits, ...extra }).flatMap(([key, value]) => [
    '--dynamic-config-value',
    `${key}=${value}`,
  ]),
];

/** Connects and describes the namespace `default`. Rejects if the server does not answer within two seconds. */
export const probeTemporal = async (
  address: string,
  additionalProbe?: (connection: Connection) => Promise<void>,
): Promise<void> => {
  const connection = await Connection.connect({ address, connectTimeout: 2_000 });
  try {
    await connection.workflowService.describeNamespace({ namespace: 'default' });
    await additionalProbe?.(connection);
  } finally {
    await connection.close();
  }
};

const findSearchAttributes = async (connection: Connection): Promise<void> => {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
  if (!customAttributes['WebhookIds']) throw new Error('the search attributes are not registered yet');
};
