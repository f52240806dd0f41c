import { join } from 'node:path';
import { freePort } from '../local/process/free-port.js';
import { packageRoot } from '../local/process/package-root.js';
import { startChild } from '../local/process/start-child.js';
import { waitUntilReady } from '../local/process/wait-until-ready.js';
import type { Report } from './tally.js';

export interface Receiver {
  pid: number;
  url: string;
  /** What came to the group's paths, with or without the times of each arrival. */
  report: (group: string, withTimes?: boolean) => Promise<Report>;
  /** Lets the group's hanging paths answer from now on. */
  repair: (group: string) => Promise<void>;
  /** Forgets how many requests there were at once. */
  start: () => Promise<void>;
  stop: () => Promise<void>;
}

export async function startReceiver(dir: string): Promise<Receiver> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const ask = async (path: string, method = 'GET') => {
    const answer = await fetch(`${url}${path}`, { method, signal: AbortSignal.timeout(20_000) });
    if (!answer.ok) throw new Error(`the receiver answered ${answer.status}`);
    return answer;
  };
  const child = await startChild({
    name: 'Receiver',
    command: process.execPath,
    args: [join(packageRoot(), 'dist', 'bench', 'receiver.js'), '--port', String(port)],
    cwd: dir,
    env: {},
    logFile: join(dir, 'receiver.log'),
  });
  await waitUntilReady({ name: 'Receiver', child, probe: () => ask('/_report') });
  return {
    pid: child.pid,
    url,
    report: async (group, withTimes = false) => {
      const answer = await ask(`/_report?group=${group}${withTimes ? '&times=1' : ''}`);
      return (await answer.json()) as Report;
    },
    repair: async (group) => {
      await ask(`/_repair?group=${group}`, 'POST');
    },
    start: async () => {
      await ask('/_start', 'POST');
    },
    stop: child.stop,
  };
}
