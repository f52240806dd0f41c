import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { confirm, isCancel, progress } from '@clack/prompts';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { WorkflowState } from '../../cli/reconcile-deliveries.js';
import { CommandError } from '../../cli/command-error.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { CliDeps } from '../../cli/add-commands.js';
import { createReplayDelivery } from '../../control/replay-delivery.js';
import { createReplayTasks, type ReplayTasks } from '../../control/replay-tasks.js';
import { type CancelDelivery, createCancelDelivery } from '../../control/cancel-delivery.js';
import { findAttempts, findDelivery, type DeliveryRow } from '../../db/queries/deliveries.js';
import { type DeliveryFilter, listDeliveries } from '../../db/queries/list-deliveries.js';
import { listRecentAttempts } from '../../db/queries/list-recent-attempts.js';
import {
  countDeliveriesByAccount,
  listWaitingDeliveries,
  canReadAllDeliveries,
} from '../../db/queries/reconciliation.js';
import { safeErr } from '../../domain/security/safe-error.js';
import type { CliResources } from './cli-resources.js';
import { createDoctorChecks } from './doctor-checks.js';
import { createLogger } from '../process/logger.js';
import { jetStreamOptions } from '../process/nats-options.js';
import { readDeadLetters } from './read-dead-letters.js';
import { serveReconciliation } from './serve-reconciliation.js';
import { setUpNats, setUpTemporal } from '../process/set-up-servers.js';

interface CliOptions {
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** A person looks on: a bar is drawn. */
  readonly live: boolean;
}

/** What the commands do, on the servers themselves. */
export function createCliDeps(resources: CliResources, { signal, live }: CliOptions): CliDeps {
  const { config } = resources;
  const wait = (ms: number) => sleep(ms, undefined, { signal }).catch(() => undefined);
  const reconciliation = createReconciliationDeps(resources);
  return {
    ...reconciliation,
    ...deliveryDeps(resources),
    ...streamDeps(resources),
    wait,
    isStopped: () => signal.aborted,
    readInput,
    progress: live ? bar : noBar,
    confirm: async (message) => {
      const answer = await confirm({ message, initialValue: false, output: process.stderr });
      return !isCancel(answer) && answer;
    },
    doctorChecks: createDoctorChecks(resources),
    describeError,
    setUpServers: async () => {
      await setUpNats(config.nats());
      const added = await setUpTemporal(config.temporal());
      return ['the streams are as defined', `search attributes registered: ${added.join(', ') || 'none were missing'}`];
    },
    serveReconciliation: async (intervalMs) => {
      const log = createLogger({ role: 'reconciliation', level: 'info' });
      await serveReconciliation({ deps: reconciliation, internal: config.internal(), log, intervalMs, signal });
    },
  };
}

/** An attempt that is being made takes up to five seconds, and its row a moment. */
const CANCEL_PATIENCE_MS = 10_000;

function createReconciliationDeps({ database, temporal }: CliResources) {
  return {
    canReadAllDeliveries: () => canReadAllDeliveries(database()),
    countDeliveriesByAccount: (range: Parameters<typeof countDeliveriesByAccount>[1]) =>
      countDeliveriesByAccount(database(), range),
    listWaitingDeliveries: (
      range: Parameters<typeof listWaitingDeliveries>[1],
      page: Parameters<typeof listWaitingDeliveries>[2],
    ) => listWaitingDeliveries(database(), range, page),
    readWorkflowState: async (workflowId: string) => readWorkflowState(await temporal(), workflowId),
    now: Date.now,
  };
}

async function readWorkflowState(client: Client, workflowId: string): Promise<WorkflowState> {
  try {
    return (await client.workflow.getHandle(workflowId).describe()).status.name === 'RUNNING' ? 'running' : 'closed';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'absent';
    throw error;
  }
}

function deliveryDeps({ database, temporal, config }: CliResources) {
  const tasks = async () => createReplayTasks({ client: await temporal(), taskQueue: config.temporal().taskQueue });
  return {
    listDeliveries: (accountId: string, filter: DeliveryFilter, limit: number) =>
      collectPages(limit, (after) =>
        listDeliveries(database(), accountId, { ...filter, limit: Math.min(limit, 100), after }),
      ),
    findAttempts: (accountId: string, deliveryId: string) => findAttempts(database(), accountId, deliveryId),
    findDelivery: (accountId: string, deliveryId: string) => findDelivery(database(), accountId, deliveryId),
    listRecentAttempts: (accountId: string, filter: Parameters<typeof listRecentAttempts>[2]) =>
      listRecentAttempts(database(), accountId, filter),
    replayDelivery: async (asked: Parameters<CliDeps['replayDelivery']>[0]) => {
      const { taskQueue, schedule } = config.temporal();
      return await createReplayDelivery({ client: await temporal(), db: database(), taskQueue, schedule })(asked);
    },
    startReplayTask: async (input: Parameters<ReplayTasks['startTask']>[0]) => await (await tasks()).startTask(input),
    findReplayTask: async (task: Parameters<ReplayTasks['findTask']>[0]) => await (await tasks()).findTask(task),
    cancelDelivery: async (asked: Parameters<CancelDelivery>[0]) =>
      await createCancelDelivery({ client: await temporal(), db: database(), timeoutMs: CANCEL_PATIENCE_MS })(asked),
  };
}

type FoundPage = Awaited<ReturnType<typeof listDeliveries>>;

/** Goes on until there are `limit`, or no more. */
async function collectPages(
  limit: number,
  page: (after: string | undefined) => Promise<FoundPage>,
): Promise<DeliveryRow[]> {
  const found: DeliveryRow[] = [];
  for (let after: string | undefined, more = true; more && found.length < limit;) {
    const { rows, resumeAfterId } = await page(after);
    const shown = rows.slice(0, 100);
    found.push(...shown);
    after = rows.length > shown.length ? shown.at(-1)?.deliveryId : resumeAfterId;
    more = after !== undefined;
  }
  return found.slice(0, limit);
}

function streamDeps({ nats, config }: CliResources) {
  return {
    publish: async (message: string, messageId: string) => {
      const jetStream = (await nats()).jetstream(jetStreamOptions(config.nats()));
      return await jetStream.publish('webhook.dispatch', message, { msgID: messageId });
    },
    readDeadLetters: async function* (sinceMs: number) {
      const { deadLetterStream, ...connection } = config.nats();
      const jsm = await (await nats()).jetstreamManager(jetStreamOptions(connection));
      yield* readDeadLetters(jsm, deadLetterStream, sinceMs);
    },
  };
}

async function readInput(path: string): Promise<Buffer> {
  if (path !== '-') return await readFile(path).catch(notReadable);
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function notReadable(error: unknown): never {
  throw new CommandError(`a file cannot be read: ${describeError(error)}`, EXIT.usage);
}

function bar(total: number) {
  const drawn = progress({ max: total, output: process.stderr });
  drawn.start();
  return { advance: (text: string) => drawn.advance(1, text), end: (text: string) => drawn.stop(text) };
}

const noBar = () => ({ advance: () => undefined, end: () => undefined });

/** Names and codes only: a driver's message can hold values. */
function describeError(error: unknown): string {
  const { type, code, kind, cause } = safeErr(error);
  const more = [kind, code, cause?.type, cause?.code].filter((each) => each !== undefined);
  return more.length === 0 ? type : `${type} (${more.join(', ')})`;
}
