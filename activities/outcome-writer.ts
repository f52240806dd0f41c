import { DatabaseError, TRANSIENT_KINDS } from '../db/errors.js';
import type { FinishedAttemptRow } from '../db/delivery-path/persist-attempts.js';

export interface OutcomeWriter {
  /**
   * Resolves with true once the row is committed, with false when that could not be had within `patienceMs` or never can
   * be. A row of the second kind may still be written afterwards; writing it again changes nothing.
   */
  readonly write: (row: FinishedAttemptRow) => Promise<boolean>;
}

export interface OutcomeWriterDeps {
  readonly persistAttempts: (rows: readonly FinishedAttemptRow[]) => Promise<void>;
  /** Attempts that have been begun and are not written yet, those that wait to be written among them. */
  readonly countUnwrittenAttempts: () => number;
  /** How long outcomes wait for others at most, in milliseconds. */
  readonly maxGatherMs?: number;
  /** How long a row is tried while PostgreSQL is away, in milliseconds, whatever a statement takes. */
  readonly patienceMs?: number;
}

interface Entry {
  readonly row: FinishedAttemptRow;
  over: boolean;
  readonly done: (written: boolean) => void;
}

const MAX_ROWS = 200;
const RETRY_MS = 300;

/**
 * Writes the outcomes of concurrent attempts together: a transaction costs what twenty rows in it do. Outcomes wait until half
 * of what is under way has come, so that one that is alone waits for nobody, and many share a statement. No request waits
 * for it, since the slot is free by then; only the workflow's end does.
 */
export function createOutcomeWriter(deps: OutcomeWriterDeps): OutcomeWriter {
  const { persistAttempts, countUnwrittenAttempts, maxGatherMs = 50, patienceMs = 6_000 } = deps;
  let waiting: Entry[] = [];
  let running = false;
  let gathered: () => void = () => undefined;

  const isEnough = () => waiting.length * 2 >= countUnwrittenAttempts() || waiting.length >= MAX_ROWS;

  async function drain(): Promise<void> {
    await gather();
    while (waiting.length > 0) {
      const batch = waiting.slice(0, MAX_ROWS);
      waiting = waiting.slice(MAX_ROWS);
      const failed = await writeBatch(persistAttempts, batch);
      if (failed.length > 0) await sleep(RETRY_MS);
      waiting = [...failed, ...waiting].filter(({ over }) => !over);
      if (failed.length === 0 && waiting.length > 0) await gather();
    }
    running = false;
  }

  async function gather(): Promise<void> {
    if (isEnough()) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, maxGatherMs);
      gathered = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  return {
    write: (row) =>
      new Promise((resolve) => {
        waiting.push(entryOf(row, patienceMs, resolve));
        if (isEnough()) gathered();
        if (running) return;
        running = true;
        void drain();
      }),
  };
}

/** Answers once. The timer is what bounds it: a statement into a broken network takes its own time to fail. */
function entryOf(row: FinishedAttemptRow, patienceMs: number, resolve: (written: boolean) => void): Entry {
  const entry: Entry = { row, over: false, done };
  const timer = setTimeout(() => entry.done(false), patienceMs);
  function done(written: boolean): void {
    clearTimeout(timer);
    entry.over = true;
    resolve(written);
  }
  return entry;
}

/** Answers what may be written later. One bad row must not hold up the others: a refused batch is written one by one. */
async function writeBatch(persist: OutcomeWriterDeps['persistAttempts'], batch: readonly Entry[]): Promise<Entry[]> {
  try {
    await persist(batch.map(({ row }) => row));
    for (const { done } of batch) done(true);
    return [];
  } catch (error) {
    if (isTransient(error)) return [...batch];
    if (batch.length > 1) return (await Promise.all(batch.map((entry) => writeBatch(persist, [entry])))).flat();
    for (const { done } of batch) done(false);
    return [];
  }
}

const isTransient = (error: unknown): boolean => error instanceof DatabaseError && TRANSIENT_KINDS.has(error.kind);

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
