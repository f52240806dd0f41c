import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../process/is-alive.js';

export interface LockOptions {
  readonly file: string;
  /** Called once when somebody else holds the lock. */
  readonly onWait: () => void;
  /** Ends the waiting; the promise then rejects. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `work` while this process alone holds the lock file, which names it. `waited` tells whether somebody else held it
 * before. A lock whose process is gone is taken over.
 */
export const withLock = async (
  { file, onWait, signal }: LockOptions,
  work: (waited: boolean) => Promise<void>,
): Promise<void> => {
  // Written first and linked then: the lock never exists without its process id.
  const own = `${file}.${randomUUID()}`;
  await writeFile(own, String(process.pid));
  try {
    const waited = await acquire(own, { file, onWait, signal });
    try {
      await work(waited);
    } finally {
      await rm(file, { force: true });
    }
  } finally {
    await rm(own, { force: true });
  }
};

const acquire = async (own: string, { file, onWait, signal }: LockOptions): Promise<boolean> => {
  for (let waited = false; ; waited = true) {
    try {
      await link(own, file);
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
