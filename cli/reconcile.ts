import { DELIVERY_STATUSES } from '../domain/delivery/statuses.js';
import {
  reconcileDeliveries,
  type RECONCILED_COUNTS,
  type ReconciliationReport,
  type ReconciliationDeps,
  type Difference,
} from './reconcile-deliveries.js';
import { CommandError } from './command-error.js';
import { EXIT } from './exit-codes.js';
import type { Output } from './output.js';
import { parseDuration, parseDay } from './parse-time.js';
import { parseId } from './parse-id.js';

export interface ReconcileOptions {
  readonly account?: string | undefined;
  /** `YYYY-MM-DD`; today if absent. */
  readonly day?: string | undefined;
  readonly grace: string;
}

export interface ReconcileDeps extends ReconciliationDeps {
  /** True if the role of the connection can read the deliveries of all accounts at once. */
  readonly canReadAllDeliveries: () => Promise<boolean>;
}

/**
 * `reconcile`: compares the deliveries accepted on a day with the ended and the waiting ones, and every waiting delivery with
 * its workflow. Every difference is a bug: the command lists it with its ids and fails.
 */
export async function reconcile(deps: ReconcileDeps, options: ReconcileOptions, output: Output): Promise<number> {
  const accountId = options.account === undefined ? undefined : parseId('account', options.account);
  const today = new Date(deps.now()).toISOString().slice(0, 10);
  const day = options.day ?? today;
  const graceMs = parseDuration(options.grace);
  const { fromMs, untilMs } = parseDay(day);
  if (accountId === undefined) await requireAllAccountsVisible(deps);
  const range = { accountId, fromMs, toMs: Math.max(fromMs, Math.min(untilMs, deps.now() + 1)) };
  const report = await reconcileDeliveries(deps, { ...range, graceMs });
  const { accounts, differences } = report;
  output.writeResult({ day, accounts, differences, overdue: report.overdue }, formatReport(day, report, output));
  return differences.length === 0 ? EXIT.ok : EXIT.failed;
}

const ONE_ACCOUNT_AT_A_TIME =
  'this role sees one account at a time: give --account, or connect as hook_reconciliation (deploy/postgres/reconciliation-role.sql)';

/** Without this check a role that can read no account would report no difference. @throws CommandError */
export async function requireAllAccountsVisible({
  canReadAllDeliveries,
}: Pick<ReconcileDeps, 'canReadAllDeliveries'>): Promise<void> {
  if (!(await canReadAllDeliveries())) throw new CommandError(ONE_ACCOUNT_AT_A_TIME, EXIT.refused);
}

const MAX_SHOWN_DIFFERENCES = 20;

function formatReport(
  day: string,
  { accounts, differences, overdue }: ReconciliationReport,
  { paint }: Output,
): string[] {
  const sum = (key: (typeof RECONCILED_COUNTS)[number]) => accounts.reduce((total, account) => total + account[key], 0);
  const byStatus = DELIVERY_STATUSES.map((status) => `${sum(status)} ${status}`);
  const lines = [
    `${day} (UTC): ${sum('accepted')} deliveries of ${accounts.length} account${accounts.length === 1 ? '' : 's'} accepted`,
    `  = ${byStatus.join(' + ')}`,
    ...(overdue > 0 ? [paint.warn(`  ${overdue} waiting deliveries were due more than 15 minutes ago`)] : []),
    ...differences
      .slice(0, MAX_SHOWN_DIFFERENCES)
      .map((difference) => paint.bad(`✗ ${describeDifference(difference)}`)),
    ...(differences.length > MAX_SHOWN_DIFFERENCES
      ? [`  and ${differences.length - MAX_SHOWN_DIFFERENCES} more (--json lists all)`]
      : []),
  ];
  return differences.length === 0 ? [...lines, paint.good('Reconciliation: no differences.')] : lines;
}

const WORKFLOW_STATE_TEXTS = { closed: 'has ended', absent: 'does not exist', running: 'runs' };

function describeDifference({ kind, accountId, deliveryId, workflowId, workflow = 'absent' }: Difference): string {
  const delivery = `delivery ${deliveryId} of account ${accountId}`;
  if (kind === 'contradictory') return `${delivery}: its rows contradict each other`;
  return `${delivery} waits, but its workflow ${workflowId ?? ''} ${WORKFLOW_STATE_TEXTS[workflow]}: webhookctl replay ${deliveryId} --account ${accountId}`;
}
