import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../process/is-alive.js';

export interface LockOptions {
  readonly file: string;
  /** Called once if another process holds the lock. */
  readonly onWait: () => void;
  /** Aborts the wait; the promise then rejects. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `work` while this process holds the lock file, which contains its process id. `waited` is true if another
 * process held the lock before. A lock whose process has ended is taken over.
 */
export const withLock = async (
  { file, onWait, signal }: LockOptions,
  work: (waited: boolean) => Promise<void>,
): Promise<void> => {
  // The file is written first and then linked, so that the lock never exists without a process id.
  const ownFile = `${file}.${randomUUID()}`;
  await writeFile(ownFile, String(process.pid));
  try {
    const waited = await acquire(ownFile, { file, onWait, signal });
    try {
      await work(waited);
    } finally {
      await rm(file, { force: true });
    }
  } finally {
    await rm(ownFile, { force: true });
  }
};

const acquire = async (ownFile: string, { file, onWait, signal }: LockOptions): Promise<boolean> => {
  for (let waited = false; ; waited = true) {
    try {
      await link(ownFile, file);
      return waited;
    } catch (error) {
      if ((error as { code?: string }).code !== 'EEXIST') throw error;
    }
    const holder = Number(await readFile(file, 'utf8').catch(() => '0'));
    if (holder > 0 && !isAlive(holder)) await rm(file, { force: true });
    else {
      if (!waited) onWait();
      await sleep(500, undefined, signal ? { signal } : {});
    }
  }
};
