import { ATTEMPT_COLORS } from './status-colors.js';
import type { RecentAttemptRow } from '../db/queries/list-recent-attempts.js';
import { EXIT } from './exit-codes.js';
import type { Output } from './output.js';
import { parseDuration } from './parse-time.js';
import { parseId } from './parse-id.js';

export interface TailOptions {
  readonly account: string;
  readonly webhook?: string | undefined;
  readonly failed: boolean;
  /** Older deliveries are not followed. */
  readonly since: string;
}

export interface TailDeps {
  /** Lists finished attempts by the acceptance time of their delivery and by their finish time, oldest first. */
  readonly listRecentAttempts: (
    accountId: string,
    filter: { acceptedSinceMs: number; finishedSinceMs: number },
  ) => Promise<RecentAttemptRow[]>;
  readonly now: () => number;
  /** Resolves after the given number of milliseconds, or at once on Ctrl-C. */
  readonly wait: (ms: number) => Promise<void>;
  readonly isStopped: () => boolean;
}

const POLL_INTERVAL_MS = 1_000;
/**
 * A row is written a moment after its finish time, so each query overlaps the previous one. Repeated rows are printed
 * once.
 */
const OVERLAP_MS = 10_000;

/** `tail`: prints one line per finished attempt of an account, until Ctrl-C. */
export async function tail(deps: TailDeps, options: TailOptions, output: Output): Promise<number> {
  const accountId = parseId('account', options.account);
  const webhookId = options.webhook === undefined ? undefined : parseId('webhook', options.webhook);
  const startedMs = deps.now();
  const acceptedSinceMs = startedMs - parseDuration(options.since);
  const isSelected = (row: RecentAttemptRow) =>
    (webhookId === undefined || row.webhookId === webhookId) && (!options.failed || row.status === 'failed');
  let printedKeys = new Set<string>();
  let sinceMs = startedMs;
  while (!deps.isStopped()) {
    const finishedSinceMs = Math.max(startedMs, sinceMs);
    const rows = (await deps.listRecentAttempts(accountId, { acceptedSinceMs, finishedSinceMs })).filter(isSelected);
    for (const row of rows) if (!printedKeys.has(attemptKey(row))) output.writeResult(row, formatLine(row, output));
    printedKeys = new Set(rows.map(attemptKey));
    await deps.wait(POLL_INTERVAL_MS);
    sinceMs = deps.now() - OVERLAP_MS;
  }
  return EXIT.ok;
}

const attemptKey = ({ deliveryId, attemptNumber }: RecentAttemptRow) => `${deliveryId}:${attemptNumber}`;

function formatLine(row: RecentAttemptRow, { paint }: Output): string {
  const color = paint[ATTEMPT_COLORS[row.status]];
  const next =
    row.nextAttemptAt === null ? (row.outcome ?? '') : `next ${row.nextAttemptAt.toISOString().slice(11, 19)}`;
  return [
    row.finishedAt.toISOString().slice(11, 19),
    `${row.eventId} → ${row.webhookId} attempt ${row.attemptNumber}`,
    color(row.status),
    row.responseStatus ?? row.errorCode ?? '',
    row.durationMs === null ? '' : `${row.durationMs} ms`,
    next,
  ]
    .filter((part) => part !== '')
    .join('  ');
}
