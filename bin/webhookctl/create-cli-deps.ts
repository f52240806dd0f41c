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
  /** Output goes to a terminal: progress is drawn as a bar. */
  readonly live: boolean;
}

/** Creates the dependencies of all commands on the real servers. */
export function createCliDeps(resources: CliResources, { signal, live }: CliOptions): CliDeps {
  const { config } = resources;
  const wait = (ms: number) => sleep(ms, undefined, { signal }).catch(() => undefined);
  const reconciliation = createReconciliationDeps(resources);
  return {
    ...reconciliation,
    ...createDeliveryDeps(resources),
    ...createStreamDeps(resources),
    wait,
    isStopped: () => signal.aborted,
    readInput,
    progress: live ? drawBar : noBar,
    confirm: async (message) => {
      const answer = await confirm({ message, initialValue: false, output: process.stderr });
      return !isCancel(answer) && answer;
    },
    doctorChecks: createDoctorChecks(resources),
    describeError,
    setUpServers: async () => {
      await setUpNats(config.nats());
      const added = await setUpTemporal(config.temporal());
      return [
        'the streams match their definition',
        `search attributes registered: ${added.join(', ') || 'none were missing'}`,
      ];
    },
    serveReconciliation: async (intervalMs) => {
      const log = createLogger({ role: 'reconciliation', level: 'info' });
      await serveReconciliation({ deps: reconciliation, internal: config.internal(), log, intervalMs, signal });
    },
  };
}

/** Longer than an attempt in progress (up to five seconds) and the write of its row. */
const CANCEL_TIMEOUT_MS = 10_000;

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

function createDeliveryDeps({ database, temporal, config }: CliResources) {
  const tasks = async () => createReplayTasks({ client: await temporal(), taskQueue: config.temporal().taskQueue });
  return {
    listDeliveries: (accountId: string, filter: DeliveryFilter, limit: number) =>
      collectPages(limit, (after) =>
        listDeliveries(database(), accountId, { ...filter, limit: Math.min(limit, PAGE_SIZE), after }),
      ),
    findAttempts: (accountId: string, deliveryId: string) => findAttempts(database(), accountId, deliveryId),
    findDelivery: (accountId: string, deliveryId: string) => findDelivery(database(), accountId, deliveryId),
    listRecentAttempts: (accountId: string, filter: Parameters<typeof listRecentAttempts>[2]) =>
      listRecentAttempts(database(), accountId, filter),
    replayDelivery: async (request: Parameters<CliDeps['replayDelivery']>[0]) => {
      const { taskQueue, schedule } = config.temporal();
      return await createReplayDelivery({ client: await temporal(), db: database(), taskQueue, schedule })(request);
    },
    startReplayTask: async (input: Parameters<ReplayTasks['startTask']>[0]) => await (await tasks()).startTask(input),
    findReplayTask: async (task: Parameters<ReplayTasks['findTask']>[0]) => await (await tasks()).findTask(task),
    cancelDelivery: async (request: Parameters<CancelDelivery>[0]) =>
      await createCancelDelivery({ client: await temporal(), db: database(), timeoutMs: CANCEL_TIMEOUT_MS })(request),
  };
}

const PAGE_SIZE = 100;

type FoundPage = Awaited<ReturnType<typeof listDeliveries>>;

/** Reads pages until it has `limit` rows or no page is left. */
async function collectPages(
  limit: number,
  readPage: (after: string | undefined) => Promise<FoundPage>,
): Promise<DeliveryRow[]> {
  const found: DeliveryRow[] = [];
  let after: string | undefined;
  do {
    const { rows, resumeAfterId } = await readPage(after);
    const page = rows.slice(0, PAGE_SIZE);
    found.push(...page);
    // The query returns one row more than its limit if more rows follow.
    after = rows.length > page.length ? page.at(-1)?.deliveryId : resumeAfterId;
  } while (after !== undefined && found.length < limit);
  return found.slice(0, limit);
}

function createStreamDeps({ nats, config }: CliResources) {
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

function drawBar(total: number) {
  const bar = progress({ max: total, output: process.stderr });
  bar.start();
  return { advance: (text: string) => bar.advance(1, text), end: (text: string) => bar.stop(text) };
}

const noBar = () => ({ advance: () => undefined, end: () => undefined });

/** Returns type and codes only, because the message of a driver can hold values. */
function describeError(error: unknown): string {
  const { type, code, kind, cause } = safeErr(error);
  const codes = [kind, code, cause?.type, cause?.code].filter((each) => each !== undefined);
  return codes.length === 0 ? type : `${type} (${codes.join(', ')})`;
}
