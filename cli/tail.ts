import type { RecentAttemptRow } from '../db/queries/list-recent-attempts.js';
import { EXIT } from './exit-codes.js';
import type { Output } from './output.js';
import { parseDuration } from './parse-time.js';
import { parseId } from './parse-id.js';

export interface TailOptions {
  readonly account: string;
  readonly webhook?: string | undefined;
  readonly failed: boolean;
  /** Deliveries accepted longer ago than this are not watched. */
  readonly since: string;
}

export interface TailDeps {
  /** The latest finished attempts of deliveries accepted since a time, finished since another; oldest first. */
  readonly listRecentAttempts: (
    accountId: string,
    filter: { acceptedSinceMs: number; finishedSinceMs: number },
  ) => Promise<RecentAttemptRow[]>;
  readonly now: () => number;
  /** Resolves after so many milliseconds, or at once when the operator has had enough. */
  readonly wait: (ms: number) => Promise<void>;
  readonly isStopped: () => boolean;
}

const EVERY_MS = 1_000;
/** Rows are written a moment after their time: looked at again, and told once. */
const OVERLAP_MS = 10_000;

/** `tail`: one line an attempt of an account, as they are finished, until Ctrl-C. */
export async function tail(deps: TailDeps, options: TailOptions, output: Output): Promise<number> {
  const accountId = parseId('account', options.account);
  const webhookId = options.webhook === undefined ? undefined : parseId('webhook', options.webhook);
  const begunMs = deps.now();
  const acceptedSinceMs = begunMs - parseDuration(options.since);
  const wanted = (row: RecentAttemptRow) =>
    (webhookId === undefined || row.webhookId === webhookId) && (!options.failed || row.status === 'failed');
  let told = new Set<string>();
  for (let sinceMs = begunMs; !deps.isStopped(); sinceMs = deps.now() - OVERLAP_MS) {
    const finishedSinceMs = Math.max(begunMs, sinceMs);
    const rows = (await deps.listRecentAttempts(accountId, { acceptedSinceMs, finishedSinceMs })).filter(wanted);
    for (const row of rows) if (!told.has(keyOf(row))) output.writeResult(row, lineOf(row, output));
    told = new Set(rows.map(keyOf));
    await deps.wait(EVERY_MS);
  }
  return EXIT.ok;
}

const keyOf = ({ deliveryId, attemptNumber }: RecentAttemptRow) => `${deliveryId}:${attemptNumber}`;

function lineOf(row: RecentAttemptRow, { paint }: Output): string {
  const colour = row.status === 'succeeded' ? paint.good : row.status === 'failed' ? paint.bad : paint.warn;
  const next =
    row.nextAttemptAt === null ? (row.outcome ?? '') : `next ${row.nextAttemptAt.toISOString().slice(11, 19)}`;
  return [
    row.finishedAt.toISOString().slice(11, 19),
    `${row.eventId} → ${row.webhookId} attempt ${row.attemptNumber}`,
    colour(row.status),
    row.responseStatus ?? row.errorCode ?? '',
    row.durationMs === null ? '' : `${row.durationMs} ms`,
    next,
  ]
    .filter((part) => part !== '')
    .join('  ');
}
