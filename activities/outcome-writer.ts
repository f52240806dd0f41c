import { DatabaseError } from '../db/errors.js';
import type { SettledRow } from '../db/persist-attempts.js';

export interface OutcomeWriter {
  /** Resolves with true once the row is committed, with false when that could not be had within `patienceMs`. */
  write: (row: SettledRow) => Promise<boolean>;
}

export interface OutcomeWriterDeps {
  persist: (rows: readonly SettledRow[]) => Promise<void>;
  now: () => number;
  /** How long outcomes are collected before they are written together, in milliseconds. */
  gatherMs?: number;
  /** How long a row is tried again while PostgreSQL is away, in milliseconds. */
  patienceMs?: number;
}

interface Entry {
  row: SettledRow;
  giveUpAtMs: number;
  done: (written: boolean) => void;
}

const MAX_ROWS = 200;
const RETRY_MS = 300;

/** Writes the outcomes of concurrent attempts together: one statement every few milliseconds instead of one each. */
export function createOutcomeWriter(deps: OutcomeWriterDeps): OutcomeWriter {
  const { persist, now, gatherMs = 3, patienceMs = 6_000 } = deps;
  let waiting: Entry[] = [];
  let running = false;

  async function drain(): Promise<void> {
    await pause(gatherMs);
    while (waiting.length > 0) {
      const batch = waiting.slice(0, MAX_ROWS);
      waiting = waiting.slice(MAX_ROWS);
      const failed = await writeTogether(persist, batch);
      if (failed.length === 0) continue;
      await pause(RETRY_MS);
      waiting = dropImpatient([...failed, ...waiting], now());
    }
    running = false;
  }

  return {
    write: (row) =>
      new Promise((done) => {
        waiting.push({ row, giveUpAtMs: now() + patienceMs, done });
        if (running) return;
        running = true;
        void drain();
      }),
  };
}

/** Answers what was not written. One bad row must not hold up the others: a refused batch is written one by one. */
async function writeTogether(persist: OutcomeWriterDeps['persist'], batch: Entry[]): Promise<Entry[]> {
  try {
    await persist(batch.map(({ row }) => row));
    for (const { done } of batch) done(true);
    return [];
  } catch (error) {
    if (batch.length === 1 || isPassing(error)) return batch;
    return (await Promise.all(batch.map((entry) => writeTogether(persist, [entry])))).flat();
  }
}

function dropImpatient(entries: Entry[], nowMs: number): Entry[] {
  for (const { giveUpAtMs, done } of entries) if (giveUpAtMs <= nowMs) done(false);
  return entries.filter(({ giveUpAtMs }) => giveUpAtMs > nowMs);
}

const isPassing = (error: unknown): boolean =>
  error instanceof DatabaseError && (error.kind === 'unavailable' || error.kind === 'contention');

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
