import { EventEmitter } from 'node:events';
import { Client, Connection } from '@temporalio/client';
import { connect, type NatsConnection } from 'nats';
import { startEdge, type Edge } from '../local/edge.js';
import { prepareProcesses } from '../local/own-processes.js';
import type { ChildEnvironment } from '../local/process/start-child.js';
import type { ReceivedRequest } from '../local/start-customer.js';
import { startParts, type Parts } from '../local/start-parts.js';
import { openProcessLog } from './process-log.js';
import { DEMO_SCHEDULE } from './plan.js';
import type { Terminal } from './terminal.js';

type DemoParts = Parts<'postgres' | 'nats' | 'temporal' | 'kms' | 'customer'>;

export interface DemoServices {
  readonly parts: DemoParts;
  readonly edge: Edge;
  readonly nats: NatsConnection;
  readonly temporal: Client;
  /** Emits `request` for every request that the sample customer receives. */
  readonly received: EventEmitter<{ request: [ReceivedRequest] }>;
}

export interface StartDemoDeps {
  readonly terminal: Terminal;
  readonly env: ChildEnvironment;
  /** Aborted by Ctrl-C: the current step is finished, and no further step is started. */
  readonly signal: AbortSignal;
  /** Registers a closing step. The steps run in reverse order of their registration. */
  readonly onEnd: (undo: (failed: boolean) => unknown) => void;
}

/** Starts the servers around the service, the service itself, and the connections through which the demo observes them. */
export async function startDemoServices(deps: StartDemoDeps): Promise<DemoServices> {
  const { onEnd, signal, terminal } = deps;
  const received = new EventEmitter<{ request: [ReceivedRequest] }>();
  const parts = await startServers(deps, received);
  const { apiUrl, logFile } = await startService(deps, parts);
  signal.throwIfAborted();
  const edge = await startEdge(apiUrl);
  onEnd(edge.stop);
  const { uiUrl = 'the UI of your server' } = parts.temporal;
  terminal.say();
  terminal.say(`Temporal UI  ${terminal.strong(uiUrl)}`);
  terminal.say(
    `API          ${terminal.strong(edge.url)}, an edge that checks tokens as Kong does, in front of ${apiUrl}`,
  );
  terminal.say(terminal.faint(`Their logs   ${logFile}, removed at the end unless something fails`));
  const nats = await connect({ servers: parts.nats.url, name: 'demo' });
  onEnd(() => nats.close());
  const connection = await Connection.connect({ address: parts.temporal.address });
  onEnd(() => connection.close());
  return { parts, edge, nats, temporal: new Client({ connection }), received };
}

async function startServers(
  { terminal, env, signal, onEnd }: StartDemoDeps,
  received: DemoServices['received'],
): Promise<DemoParts> {
  const parts = await startParts({
    with: ['postgres', 'nats', 'temporal', 'kms', 'customer'],
    existing: {
      databaseUrl: env['DATABASE_URL'],
      natsUrl: env['NATS_URL'],
      temporalAddress: env['TEMPORAL_ADDRESS'],
    },
    log: terminal.say,
    env,
    signal,
    onRequest: (request) => received.emit('request', request),
    ...(terminal.progress && { progress: terminal.progress }),
  });
  onEnd(async () => {
    await parts.stop();
    if (env['NATS_URL']) terminal.say('Streams and their messages stay on the server of NATS_URL.');
    if (env['TEMPORAL_ADDRESS'])
      terminal.say('Workflows stay on the server of TEMPORAL_ADDRESS until their retention ends.');
  });
  return parts;
}

interface Service {
  readonly apiUrl: string;
  readonly logFile: string;
}

async function startService({ terminal, signal, onEnd }: StartDemoDeps, parts: DemoParts): Promise<Service> {
  const log = await openProcessLog(parts.dir);
  onEnd(async (failed) => {
    if (failed) terminal.say(`The log of our processes was kept: ${await log.keep()}`);
  });
  const database = await parts.prepareDatabase();
  signal.throwIfAborted();
  const env = {
    NODE_ENV: 'development',
    RETRY_SCHEDULE: DEMO_SCHEDULE.join(),
    // After each failed attempt the demo reads from the API when the next one is due.
    API_REQUESTS_PER_MINUTE: '600',
    // A task queue per run, so that tasks of an earlier demo on an external server are not executed.
    TEMPORAL_TASK_QUEUE: `demo-${database.name}`,
  };
  const processes = await prepareProcesses({ parts, database, env, onLine: log.write });
  onEnd(processes.stop);
  terminal.say('Database migrated; streams and search attributes set up');
  signal.throwIfAborted();
  const [api] = await Promise.all([processes.startApi(), processes.startDispatcher()]);
  terminal.say('API and dispatcher are ready (for demo and tests only: they may deliver to this machine, without TLS)');
  return { apiUrl: api.url, logFile: log.file };
}
