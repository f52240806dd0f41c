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
  /** Whether the role of the connection sees accounts that it does not name. */
  readonly canReadAllDeliveries: () => Promise<boolean>;
}

/**
 * `balance`: compares what was accepted on a day with what ended and what waits, and every waiting delivery with its
 * workflow. Any difference is a bug, is listed with its ids, and makes the command fail.
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

const ROLE_SEES_NAMED_ACCOUNTS_ONLY =
  'this role sees only accounts that are named: give --account, or connect as hook_reconciliation (deploy/postgres/reconciliation-role.sql)';

/** To a role that sees nothing the books balance. @throws CommandError */
export async function requireAllAccountsVisible({
  canReadAllDeliveries,
}: Pick<ReconcileDeps, 'canReadAllDeliveries'>): Promise<void> {
  if (!(await canReadAllDeliveries())) throw new CommandError(ROLE_SEES_NAMED_ACCOUNTS_ONLY, EXIT.refused);
}

const SHOWN = 20;

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
    ...(overdue > 0 ? [paint.warn(`  ${overdue} of those waiting were due more than 15 minutes ago`)] : []),
    ...differences.slice(0, SHOWN).map((difference) => paint.bad(`✗ ${sentence(difference)}`)),
    ...(differences.length > SHOWN ? [`  and ${differences.length - SHOWN} more (--json lists all)`] : []),
  ];
  return differences.length === 0 ? [...lines, paint.good('Reconciliation found no difference.')] : lines;
}

const WHY = { closed: 'has ended', absent: 'does not exist', running: 'runs' };

function sentence({ kind, accountId, deliveryId, workflowId, workflow = 'absent' }: Difference): string {
  const which = `delivery ${deliveryId} of account ${accountId}`;
  if (kind === 'contradictory') return `${which}: its rows contradict each other`;
  return `${which} waits, but its workflow ${workflowId ?? ''} ${WHY[workflow]}: webhookctl replay ${deliveryId} --account ${accountId}`;
}
