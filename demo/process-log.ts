import { appendFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ProcessLog {
  readonly file: string;
  readonly write: (line: string) => void;
  /** Copies the log to a folder that outlives the run. Resolves with that folder. */
  readonly keep: () => Promise<string>;
}

/**
 * Opens the log of our processes in the run's directory, so that the log is removed with it, also after the demo was
 * killed.
 */
export async function openProcessLog(runDir: string): Promise<ProcessLog> {
  const dir = join(runDir, 'service');
  await mkdir(dir, { recursive: true });
  const file = join(dir, 'processes.log');
  appendFileSync(file, '', { mode: 0o600 });
  return {
    file,
    write: (line) => {
      try {
        appendFileSync(file, `${line}\n`);
      } catch {
        // A last line may arrive after the directory was removed. A full disk must not end the demo either.
      }
    },
    keep: async () => {
      const kept = await mkdtemp(join(tmpdir(), 'webhook-dispatcher-demo-'));
      await cp(dir, kept, { recursive: true });
      return kept;
    },
  };
}
