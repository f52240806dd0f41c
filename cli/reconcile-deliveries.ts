import { DELIVERY_STATUSES, mapToRecord } from '../domain/delivery/statuses.js';
import type { AccountDeliveryCounts, ReconciliationRange, WaitingDeliveryRow } from '../db/queries/reconciliation.js';
import { deliveryTimeMs } from '../domain/delivery/delivery-id.js';
import { HOUR_MS } from '../domain/delivery/durations.js';

/** Whether somebody works on what waits. `absent`: never started, or forgotten after the namespace's retention. */
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
  /** A delivery younger than this many milliseconds may still be on its way from its row to its workflow. */
  readonly graceMs: number;
}

/** `contradictory`: its rows disagree. `abandoned`: it waits and no workflow runs for it. */
export const DIFFERENCE_KINDS = ['abandoned', 'contradictory'] as const;
export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

/** A delivery that will not end by itself, or whose rows contradict each other. Each is a bug or somebody's `terminate`. */
export interface Difference {
  readonly kind: DifferenceKind;
  readonly accountId: string;
  readonly deliveryId: string;
  /** Of an abandoned one: the workflow that should be running, and what it is. */
  readonly workflowId?: string;
  readonly workflow?: WorkflowState;
}

export interface ReconciliationReport {
  readonly accounts: AccountDeliveryCounts[];
  readonly differences: Difference[];
  /** How many deliveries wait although their next attempt was due a quarter of an hour ago, and since when the first. */
  readonly overdue: number;
  readonly oldestDueMs: number | undefined;
  /** When the oldest delivery that waits was accepted. */
  readonly oldestWaitingMs: number | undefined;
}

const PAGE = 500;
const AT_ONCE = 16;
const OVERDUE_MS = 15 * 60_000;

/**
 * Holds accepted deliveries against ended and waiting ones, and each waiting one against its workflow. Every question is
 * bounded: an hour of rows, a page of waiting ones, sixteen workflows at once.
 * @throws DatabaseError; whatever Temporal answers but "not found".
 */
export async function reconcileDeliveries(
  deps: ReconciliationDeps,
  asked: ReconciliationQuery,
): Promise<ReconciliationReport> {
  const accounts = new Map<string, AccountDeliveryCounts>();
  for (const range of hoursOf(asked))
    for (const each of await deps.countDeliveriesByAccount(range)) add(accounts, each);
  const abandoned: Difference[] = [];
  let overdue = 0;
  let oldestDueMs: number | undefined;
  let oldestWaitingMs: number | undefined;
  for await (const page of waitingPages(deps, asked)) {
    oldestWaitingMs ??= page[0] && deliveryTimeMs(page[0].deliveryId);
    const late = page.flatMap(({ nextAttemptAt }) =>
      nextAttemptAt !== null && deps.now() - nextAttemptAt.getTime() > OVERDUE_MS ? [nextAttemptAt.getTime()] : [],
    );
    overdue += late.length;
    oldestDueMs = late.reduce<number | undefined>((least, due) => Math.min(least ?? due, due), oldestDueMs);
    abandoned.push(...(await abandonedOf(deps, asked, page)));
  }
  const differences = [...[...accounts.values()].flatMap(contradictionsOf), ...abandoned];
  return { accounts: [...accounts.values()], differences, overdue, oldestDueMs, oldestWaitingMs };
}

function* hoursOf({ accountId, fromMs, toMs }: ReconciliationRange): Generator<ReconciliationRange> {
  for (let at = fromMs; at < toMs; at += HOUR_MS) yield { accountId, fromMs: at, toMs: Math.min(at + HOUR_MS, toMs) };
}

function add(accounts: Map<string, AccountDeliveryCounts>, more: AccountDeliveryCounts): void {
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

const contradictionsOf = ({ accountId, contradictory }: AccountDeliveryCounts): Difference[] =>
  contradictory.map((deliveryId) => ({ kind: 'contradictory', accountId, deliveryId }));

async function* waitingPages(
  deps: ReconciliationDeps,
  asked: ReconciliationRange,
): AsyncGenerator<WaitingDeliveryRow[]> {
  for (const range of hoursOf(asked)) {
    for (let after: string | undefined, more = true; more;) {
      const page = await deps.listWaitingDeliveries(range, { after, limit: PAGE });
      if (page.length > 0) yield page;
      more = page.length === PAGE;
      after = page.at(-1)?.deliveryId;
    }
  }
}

/** A workflow writes its last outcome before it ends, so a row that still waits afterwards is read again and then believed. */
async function abandonedOf(
  deps: ReconciliationDeps,
  { graceMs }: ReconciliationQuery,
  page: readonly WaitingDeliveryRow[],
): Promise<Difference[]> {
  const old = page.filter(({ deliveryId }) => deps.now() - deliveryTimeMs(deliveryId) >= graceMs);
  const states = await statesOf(deps, [...new Set(old.map(({ workflowId }) => workflowId))]);
  const found: Difference[] = [];
  for (const { accountId, deliveryId, workflowId } of old) {
    const workflow = states.get(workflowId) ?? 'absent';
    if (workflow === 'running' || !(await stillWaits(deps, { accountId, deliveryId, workflowId }))) continue;
    found.push({ kind: 'abandoned', accountId, deliveryId, workflowId, workflow });
  }
  return found;
}

async function statesOf(deps: ReconciliationDeps, workflowIds: readonly string[]): Promise<Map<string, WorkflowState>> {
  const states = new Map<string, WorkflowState>();
  for (let at = 0; at < workflowIds.length; at += AT_ONCE) {
    const some = workflowIds.slice(at, at + AT_ONCE);
    const answers = await Promise.all(some.map((id) => deps.readWorkflowState(id)));
    answers.forEach((state, i) => states.set(some[i] ?? '', state));
  }
  return states;
}

async function stillWaits(deps: ReconciliationDeps, row: Omit<WaitingDeliveryRow, 'nextAttemptAt'>): Promise<boolean> {
  const fromMs = deliveryTimeMs(row.deliveryId);
  const again = await deps.listWaitingDeliveries(
    { accountId: row.accountId, fromMs, toMs: fromMs + 1 },
    { limit: PAGE },
  );
  return again.some((each) => each.deliveryId === row.deliveryId && each.workflowId === row.workflowId);
}
