import { Client, Connection } from '@temporalio/client';
import { connect, type NatsConnection } from 'nats';
import pg from 'pg';
import type { DeliveryDeadLetter, MessageDeadLetter } from '../../contracts/bus/dead-letter.js';
import type { ChildEnvironment } from '../../local/process/start-child.js';
import { type Parts, startParts } from '../../local/start-parts.js';
import { prepareProcesses, type OwnProcesses, type ServiceProcess } from '../../local/own-processes.js';

type StackParts = Parts<'postgres' | 'nats' | 'temporal' | 'kms' | 'customer'>;

/** The whole service on real servers, with the API started and dispatchers started on demand. */
export interface Stack {
  parts: StackParts;
  processes: OwnProcesses;
  api: ServiceProcess;
  /** Sees every row. */
  admin: pg.Pool;
  nats: NatsConnection;
  temporal: Client;
  /** Every line that a process of ours wrote to standard output. */
  logLines: string[];
  deadLetters: () => Promise<(DeliveryDeadLetter | MessageDeadLetter)[]>;
  close: () => Promise<void>;
}

/** Milliseconds become the schedule's seconds: four attempts within a second and a half. */
const QUICK_SCHEDULE = '0,200ms,300ms,400ms';

export async function startStack(env: ChildEnvironment = {}): Promise<Stack> {
  const logLines: string[] = [];
  const parts = await startParts({
    with: ['postgres', 'nats', 'temporal', 'kms', 'customer'],
    log: () => undefined,
    env: process.env,
  });
  try {
    const database = await parts.prepareDatabase();
    const onLine = (line: string) => void logLines.push(line);
    const processes = await prepareProcesses({
      parts,
      database,
      env: { RETRY_SCHEDULE: QUICK_SCHEDULE, ...env },
      onLine,
    });
    const api = await processes.startApi();
    const admin = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
    admin.on('error', () => undefined);
    const nats = await connect({ servers: parts.nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 200 });
    const connection = await Connection.connect({ address: parts.temporal.address });
    const close = async () => {
      await processes.stop();
      await nats.close();
      await connection.close();
      await admin.end();
      await parts.stop();
    };
    const temporal = new Client({ connection });
    return { parts, processes, api, admin, nats, temporal, logLines, deadLetters: () => readDeadLetters(nats), close };
  } catch (error) {
    await parts.stop();
    throw error;
  }
}

async function readDeadLetters(nats: NatsConnection): Promise<(DeliveryDeadLetter | MessageDeadLetter)[]> {
  const manager = await nats.jetstreamManager();
  const { state } = await manager.streams.info('WEBHOOKS_DLQ');
  const letters = [];
  // An empty stream reports the range from 0 to 0, and its first message has number 1.
  for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq++)
    letters.push((await manager.streams.getMessage('WEBHOOKS_DLQ', { seq })).json<DeliveryDeadLetter>());
  return letters;
}
