import { setTimeout as sleep } from 'node:timers/promises';
import type { World } from './start-world.js';

/** What PostgreSQL's busy connections wait for, as an average over the samples. */
export interface LockWaits {
  samples: number;
  /** Connections that wait for a lock of another transaction. */
  heavy: number;
  /** Connections that wait for a lock inside the server. */
  light: number;
}

const EVERY_MS = 100;

/** Looks ten times a second while `work` runs. */
export async function watchLocks<T>(
  { admin }: World,
  work: () => Promise<T>,
): Promise<{ result: T; waits: LockWaits }> {
  const waits: LockWaits = { samples: 0, heavy: 0, light: 0 };
  const watching = new AbortController();
  const watch = async (): Promise<void> => {
    for (; !watching.signal.aborted; await sleep(EVERY_MS)) {
      const { rows } = await admin.query<{ type: string; count: string }>(
        `SELECT wait_event_type AS type, count(*) AS count FROM pg_stat_activity
         WHERE state = 'active' AND wait_event_type IN ('Lock', 'LWLock') GROUP BY 1`,
      );
      waits.samples += 1;
      for (const { type, count } of rows) waits[type === 'Lock' ? 'heavy' : 'light'] += Number(count);
    }
  };
  const watched = watch();
  const result = await work();
  watching.abort();
  await watched;
  const { samples, heavy, light } = waits;
  return { result, waits: { samples, heavy: heavy / samples, light: light / samples } };
}
