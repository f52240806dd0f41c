import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Connection } from '@temporalio/client';
import pg from 'pg';
import { SEARCH_ATTRIBUTES } from '../contracts/workflows/search-attributes.js';
import { freePort } from './process/free-port.js';
import { packageRoot } from './process/package-root.js';
import { runProgram } from './process/run-program.js';
import { startChild, type Child } from './process/start-child.js';
import { waitUntilReady } from './process/wait-until-ready.js';
import { restartablePart } from './restartable-part.js';
import { loadTestLimits, type Temporal, type TemporalOptions } from './start-temporal.js';
import { serverConfiguration, type DataStores } from './temporal-server/server-configuration.js';
import { findTool } from './tools/find-tool.js';

export interface TemporalServer extends Temporal {
  /** Prometheus text of all four services. */
  readonly metricsUrl: string;
}

export interface TemporalServerOptions extends TemporalOptions {
  /** An administrator of the PostgreSQL server that gets Temporal's two databases. */
  readonly databaseUrl: string;
  /** Number of history shards. It cannot change later in the same databases. Default 512. */
  readonly shards?: number;
  /** Temporal's driver. Default `postgres12_pgx`. */
  readonly plugin?: 'postgres12' | 'postgres12_pgx';
  /** Drops indexes with deploy/temporal/drop-unused-visibility-indexes.sql. Default false. */
  readonly leanVisibility?: boolean;
}

/**
 * Starts the production Temporal server on PostgreSQL, with all four services in one process. It is for measurements,
 * because the development server with its one shard and its SQLite file is not representative. It has the namespace
 * `default` with our search attributes, and no UI.
 */
export const startTemporalServer = async (options: TemporalServerOptions): Promise<TemporalServer> => {
  const { dir, env, log, plugin = 'postgres12_pgx', shards = 512, databaseUrl } = options;
  const tool = await findTool({ ...options, name: 'temporal-server' });
  const started = Date.now();
  const stores: DataStores = { plugin, shards, databaseUrl, main: 'temporal', visibility: 'temporal_visibility' };
  await prepareStores(join(dirname(tool.path), 'sql'), stores);
  if (options.leanVisibility === true) await dropUnusedIndexes(stores);
  const ports = { frontend: await freePort(), metrics: await freePort(), others: await findFreePorts(7) };
  const address = `127.0.0.1:${ports.frontend}`;
  const metricsUrl = `http://127.0.0.1:${ports.metrics}/metrics`;
  const dynamicFile = join(dir, 'dynamic-config.yaml');
  await mkdir(join(dir, 'config'), { recursive: true });
  const configuration = serverConfiguration({ ...stores, ...ports, dynamicFile });
  await writeFile(join(dir, 'config', 'bench.yaml'), configuration, { mode: 0o600 });
  const limits = { ...loadTestLimits, ...options.dynamicConfig };
  await writeDynamicConfig(dynamicFile, { ...limits, 'system.forceSearchAttributesCacheRefreshOnRead': 'true' });
  const logFile = join(dir, 'temporal-server.log');
  const launch = async (): Promise<Child> => {
    const child = await startChild({
      name: 'Temporal',
      command: tool.path,
      args: ['--root', dir, '--config', 'config', '--env', 'bench', '--allow-no-auth', 'start'],
      cwd: dir,
      env: { PATH: env['PATH'], HOME: dir },
      logFile,
      graceMs: 20_000,
    });
    await waitUntilReady({ name: 'Temporal', child, probe: () => prepareNamespace(address), deadlineMs: 90_000 });
    return child;
  };
  const part = await restartablePart(logFile, launch);
  // Refreshing is needed only until the attributes are known. It adds a read of the cluster metadata to every workflow start.
  await writeDynamicConfig(dynamicFile, limits);
  log(`Temporal server answers on ${address}, ${shards} shards, ${plugin} (${Date.now() - started} ms)`);
  return Object.assign(part, { address, uiUrl: undefined, metricsUrl });
};

const findFreePorts = async (count: number): Promise<number[]> => {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  return ports;
};

const writeDynamicConfig = (file: string, values: Readonly<Record<string, string>>): Promise<void> =>
  writeFile(
    file,
    Object.entries(values)
      .map(([key, value]) => `${key}:\n  - value: ${value}\n`)
      .join(''),
  );

const prepareStores = async (sql: string, { plugin, databaseUrl, main, visibility }: DataStores): Promise<void> => {
  const { hostname, port, username, password } = new URL(databaseUrl);
  const env = { SQL_HOST: hostname, SQL_PORT: port, SQL_USER: username, SQL_PASSWORD: password, SQL_PLUGIN: plugin };
  const run = async (database: string, ...args: string[]): Promise<void> => {
    const { code, output } = await runProgram(sql, ['--database', database, ...args], { env, timeoutMs: 120_000 });
    if (code !== 0) throw new Error(`Temporal's schema tool failed at ${args.join(' ')}:\n${output.slice(-2_000)}`);
  };
  for (const [database, schema] of [
    [main, 'temporal'],
    [visibility, 'visibility'],
  ] as const) {
    await run(database, 'create-database');
    await run(database, 'setup-schema', '--version', '0.0');
    await run(database, 'update-schema', '--schema-name', `postgresql/v12/${schema}`);
  }
};

const dropUnusedIndexes = async ({ databaseUrl, visibility }: DataStores): Promise<void> => {
  const script = join(packageRoot(), 'deploy', 'temporal', 'drop-unused-visibility-indexes.sql');
  const url = new URL(databaseUrl);
  url.pathname = `/${visibility}`;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    await client.query(await readFile(script, 'utf8'));
  } finally {
    await client.end();
  }
};

/** Three days. The driver accepts a number, although its type requires a 64-bit object. */
const retention = { seconds: 259_200 } as object;
/** temporal.api.enums.v1.IndexedValueType */
const indexedValueType = { KEYWORD: 2, KEYWORD_LIST: 7 } as const;
/** google.rpc.Code */
const NOT_FOUND = 5;

/** Creates missing parts and rejects until all exist, because all services know a new namespace only after some seconds. */
const prepareNamespace = async (address: string): Promise<void> => {
  const connection = await Connection.connect({ address, connectTimeout: 2_000 });
  const { workflowService, operatorService } = connection;
  const namespace = 'default';
  try {
    await workflowService.describeNamespace({ namespace }).catch(async (error: unknown) => {
      if ((error as { code?: number }).code !== NOT_FOUND) throw error;
      await workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: retention });
    });
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
    const missing = Object.entries(SEARCH_ATTRIBUTES).filter(([name]) => customAttributes[name] === undefined);
    if (missing.length === 0) return;
    const searchAttributes = Object.fromEntries(missing.map(([name, type]) => [name, indexedValueType[type]]));
    await operatorService.addSearchAttributes({ namespace, searchAttributes });
    throw new Error('the search attributes are not registered yet');
  } finally {
    await connection.close();
  }
};
