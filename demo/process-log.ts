import { appendFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ProcessLog {
  readonly file: string;
  readonly write: (line: string) => void;
  /** Copies everything that our processes said to where it stays, and answers that folder. */
  readonly keep: () => Promise<string>;
}

/** What our processes log, in the run's directory: it goes with that, also when the demo is killed. */
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
        // A last line may come when the directory is gone, and a full disk must not end the demo.
      }
    },
    keep: async () => {
      const kept = await mkdtemp(join(tmpdir(), 'webhook-dispatcher-demo-'));
      await cp(dir, kept, { recursive: true });
      return kept;
    },
  };
}
