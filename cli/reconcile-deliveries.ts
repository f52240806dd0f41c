import { DELIVERY_STATUSES, mapToRecord } from '../domain/delivery/statuses.js';
import type { AccountDeliveryCounts, ReconciliationRange, WaitingDeliveryRow } from '../db/queries/reconciliation.js';
import { deliveryTimeMs } from '../domain/delivery/delivery-id.js';
import { HOUR_MS } from '../domain/delivery/durations.js';

/** State of the workflow of a waiting delivery. `absent`: never started, or deleted after the namespace's retention. */
export type WorkflowState = 'running' | 'closed' | 'absent';

export interface ReconciliationDeps {
  readonly countDeliveriesByAccount: (range: ReconciliationRange) => Promise<AccountDeliveryCounts[]>;
  readonly listWaitingDeliveries: (
    range: ReconciliationRange,
    page: { after?: string | undefined; limit: number },
  ) => Promise<WaitingDeliveryRow[]>;
  readonly readWorkflowState: (workflowId: string) => Promise<WorkflowState>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface ReconciliationQuery extends ReconciliationRange {
  /** Milliseconds. The workflow of a younger delivery may not have been started yet. */
  readonly graceMs: number;
}

/** `contradictory`: its rows disagree. `abandoned`: it waits and no workflow runs for it. */
export const DIFFERENCE_KINDS = ['abandoned', 'contradictory'] as const;
export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

/**
 * A delivery that will not end by itself, or a delivery with contradictory rows. The cause is a bug or a workflow that an
 * operator terminated.
 */
export interface Difference {
  readonly kind: DifferenceKind;
  readonly accountId: string;
  readonly deliveryId: string;
  /** Of an abandoned delivery: the workflow that should be running, and its state. */
  readonly workflowId?: string;
  readonly workflow?: WorkflowState;
}

export interface ReconciliationReport {
  readonly accounts: AccountDeliveryCounts[];
  readonly differences: Difference[];
  /** Number of waiting deliveries whose next attempt was due more than a quarter of an hour ago. */
  readonly overdue: number;
  /** When the first of the overdue attempts was due. */
  readonly oldestDueMs: number | undefined;
  /** When the oldest waiting delivery was accepted. */
  readonly oldestWaitingMs: number | undefined;
}

const PAGE_SIZE = 500;
const CONCURRENT_READS = 16;
const OVERDUE_MS = 15 * 60_000;

/**
 * Compares accepted deliveries with ended and waiting ones, and each waiting delivery with its workflow. Every query is
 * bounded: one hour of rows, one page of waiting deliveries, sixteen workflows at once.
 * @throws DatabaseError; every error of Temporal except "not found".
 */
export async function reconcileDeliveries(
  deps: ReconciliationDeps,
  query: ReconciliationQuery,
): Promise<ReconciliationReport> {
  const accounts = new Map<string, AccountDeliveryCounts>();
  for (const range of splitIntoHours(query))
    for (const each of await deps.countDeliveriesByAccount(range)) addCounts(accounts, each);
  const abandoned: Difference[] = [];
  let overdue = 0;
  let oldestDueMs: number | undefined;
  let oldestWaitingMs: number | undefined;
  for await (const page of readWaitingPages(deps, query)) {
    oldestWaitingMs ??= page[0] && deliveryTimeMs(page[0].deliveryId);
    const late = page.flatMap(({ nextAttemptAt }) =>
      nextAttemptAt !== null && deps.now() - nextAttemptAt.getTime() > OVERDUE_MS ? [nextAttemptAt.getTime()] : [],
    );
    overdue += late.length;
    oldestDueMs = late.reduce<number | undefined>((least, due) => Math.min(least ?? due, due), oldestDueMs);
    abandoned.push(...(await findAbandoned(deps, query, page)));
  }
  const differences = [...[...accounts.values()].flatMap(listContradictions), ...abandoned];
  return { accounts: [...accounts.values()], differences, overdue, oldestDueMs, oldestWaitingMs };
}

function* splitIntoHours({ accountId, fromMs, toMs }: ReconciliationRange): Generator<ReconciliationRange> {
  for (let at = fromMs; at < toMs; at += HOUR_MS) yield { accountId, fromMs: at, toMs: Math.min(at + HOUR_MS, toMs) };
}

function addCounts(accounts: Map<string, AccountDeliveryCounts>, more: AccountDeliveryCounts): void {
  const before = accounts.get(more.accountId);
  if (before === undefined) {
    accounts.set(more.accountId, { ...more });
    return;
  }
  const sums = mapToRecord(RECONCILED_COUNTS, (key) => before[key] + more[key]);
  const contradictory = [...before.contradictory, ...more.contradictory];
  accounts.set(more.accountId, { accountId: more.accountId, ...sums, contradictory });
}

/** The counts of an account: every accepted delivery has exactly one of the statuses. */
export const RECONCILED_COUNTS = ['accepted', ...DELIVERY_STATUSES] as const;

const listContradictions = ({ accountId, contradictory }: AccountDeliveryCounts): Difference[] =>
  contradictory.map((deliveryId) => ({ kind: 'contradictory', accountId, deliveryId }));

async function* readWaitingPages(
  deps: ReconciliationDeps,
  query: ReconciliationRange,
): AsyncGenerator<WaitingDeliveryRow[]> {
  for (const range of splitIntoHours(query)) {
    let after: string | undefined;
    do {
      const page: WaitingDeliveryRow[] = await deps.listWaitingDeliveries(range, { after, limit: PAGE_SIZE });
      if (page.length > 0) yield page;
      after = page.length === PAGE_SIZE ? page.at(-1)?.deliveryId : undefined;
    } while (after !== undefined);
  }
}

/**
 * A workflow writes its last outcome before it ends. The row may have been read before that write and the workflow after its
 * end, so the row of a workflow that does not run is read a second time.
 */
async function findAbandoned(
  deps: ReconciliationDeps,
  { graceMs }: ReconciliationQuery,
  page: readonly WaitingDeliveryRow[],
): Promise<Difference[]> {
  const old = page.filter(({ deliveryId }) => deps.now() - deliveryTimeMs(deliveryId) >= graceMs);
  const states = await readWorkflowStates(deps, [...new Set(old.map(({ workflowId }) => workflowId))]);
  const found: Difference[] = [];
  for (const { accountId, deliveryId, workflowId } of old) {
    const workflow = states.get(workflowId) ?? 'absent';
    if (workflow === 'running' || !(await isStillWaiting(deps, { accountId, deliveryId, workflowId }))) continue;
    found.push({ kind: 'abandoned', accountId, deliveryId, workflowId, workflow });
  }
  return found;
}

async function readWorkflowStates(
  deps: ReconciliationDeps,
  workflowIds: readonly string[],
): Promise<Map<string, WorkflowState>> {
  const states = new Map<string, WorkflowState>();
  for (let at = 0; at < workflowIds.length; at += CONCURRENT_READS) {
    const some = workflowIds.slice(at, at + CONCURRENT_READS);
    const answers = await Promise.all(some.map((id) => deps.readWorkflowState(id)));
    answers.forEach((state, i) => states.set(some[i] ?? '', state));
  }
  return states;
}

async function isStillWaiting(
  deps: ReconciliationDeps,
  row: Omit<WaitingDeliveryRow, 'nextAttemptAt'>,
): Promise<boolean> {
  const fromMs = deliveryTimeMs(row.deliveryId);
  const again = await deps.listWaitingDeliveries(
    { accountId: row.accountId, fromMs, toMs: fromMs + 1 },
    { limit: PAGE_SIZE },
  );
  return again.some((each) => each.deliveryId === row.deliveryId && each.workflowId === row.workflowId);
}
