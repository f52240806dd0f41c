import { DatabaseError, TRANSIENT_KINDS } from '../db/errors.js';
import type { FinishedAttemptRow } from '../db/delivery-path/persist-attempts.js';

export interface OutcomeWriter {
  /**
   * Resolves with true once the row is committed. Resolves with false when PostgreSQL refuses the row, or has not committed it
   * within `maxWriteMs`. Such a row may still be committed later; writing it again changes nothing.
   */
  readonly write: (row: FinishedAttemptRow) => Promise<boolean>;
}

export interface OutcomeWriterDeps {
  readonly persistAttempts: (rows: readonly FinishedAttemptRow[]) => Promise<void>;
  /** Started attempts without a written row, including the rows that wait in this writer. */
  readonly countUnwrittenAttempts: () => number;
  /** The longest wait for other rows to share a statement, in milliseconds. */
  readonly maxGatherMs?: number;
  /** How long a row is retried while PostgreSQL is unavailable, in milliseconds; it does not depend on statement timeouts. */
  readonly maxWriteMs?: number;
}

interface QueuedRow {
  readonly row: FinishedAttemptRow;
  isAnswered: boolean;
  readonly answer: (written: boolean) => void;
}

const MAX_ROWS = 200;
const RETRY_MS = 300;

/**
 * Writes the rows of concurrent attempts together: a transaction costs as much as twenty rows in it. Rows wait until half of the
 * started attempts have ended, so a single row does not wait and many rows share a statement. No request waits for the
 * writer, because the permit is released before; only the end of the workflow does.
 */
export function createOutcomeWriter(deps: OutcomeWriterDeps): OutcomeWriter {
  const { persistAttempts, countUnwrittenAttempts, maxGatherMs = 50, maxWriteMs = 6_000 } = deps;
  let queue: QueuedRow[] = [];
  let isWriting = false;
  let endGathering: () => void = () => undefined;

  const hasEnoughRows = () => queue.length * 2 >= countUnwrittenAttempts() || queue.length >= MAX_ROWS;

  async function writeQueue(): Promise<void> {
    await gatherRows();
    while (queue.length > 0) {
      const batch = queue.slice(0, MAX_ROWS);
      queue = queue.slice(MAX_ROWS);
      const failed = await writeBatch(persistAttempts, batch);
      if (failed.length > 0) await sleep(RETRY_MS);
      queue = [...failed, ...queue].filter(({ isAnswered }) => !isAnswered);
      if (failed.length === 0 && queue.length > 0) await gatherRows();
    }
    isWriting = false;
  }

  async function gatherRows(): Promise<void> {
    if (hasEnoughRows()) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, maxGatherMs);
      endGathering = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  return {
    write: (row) =>
      new Promise((resolve) => {
        queue.push(createQueuedRow(row, maxWriteMs, resolve));
        if (hasEnoughRows()) endGathering();
        if (isWriting) return;
        isWriting = true;
        void writeQueue();
      }),
  };
}

/** The timer bounds the wait: a statement into a broken network may take much longer to fail. */
function createQueuedRow(row: FinishedAttemptRow, maxWriteMs: number, resolve: (written: boolean) => void): QueuedRow {
  const queued: QueuedRow = { row, isAnswered: false, answer };
  const timer = setTimeout(() => queued.answer(false), maxWriteMs);
  function answer(written: boolean): void {
    clearTimeout(timer);
    queued.isAnswered = true;
    resolve(written);
  }
  return queued;
}

/** Returns the rows to retry. A refused batch is written row by row, so that one bad row does not block the others. */
async function writeBatch(
  persistAttempts: OutcomeWriterDeps['persistAttempts'],
  batch: readonly QueuedRow[],
): Promise<QueuedRow[]> {
  try {
    await persistAttempts(batch.map(({ row }) => row));
    for (const { answer } of batch) answer(true);
    return [];
  } catch (error) {
    if (isTransient(error)) return [...batch];
    if (batch.length > 1) return (await Promise.all(batch.map((row) => writeBatch(persistAttempts, [row])))).flat();
    for (const { answer } of batch) answer(false);
    return [];
  }
}

const isTransient = (error: unknown): boolean => error instanceof DatabaseError && TRANSIENT_KINDS.has(error.kind);

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
