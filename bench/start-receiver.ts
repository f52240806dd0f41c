import { freePort } from '../local/process/free-port.js';
import type { Certificates } from './network/issue-certificates.js';
import { startScript } from './start-script.js';
import type { Report } from './tally.js';

export interface Receiver {
  readonly pid: number;
  /** Of the deliveries: `http://127.0.0.1:<port>` or https. */
  readonly url: string;
  readonly port: number;
  /** What came to the group's paths, with or without the times of each arrival. */
  readonly report: (group: string, withTimes?: boolean) => Promise<Report>;
  /** Lets the group's hanging paths answer from now on. */
  readonly repair: (group: string) => Promise<void>;
  /** Forgets how many requests there were at once. */
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export interface ReceiverOptions {
  /** Absent: plain http. */
  readonly certificates?: Pick<Certificates, 'certFile' | 'keyFile'> | undefined;
  /** When an idle connection is closed: after Node's five seconds, never, or at a random moment within five seconds. */
  readonly idle?: 'usual' | 'kept' | 'random';
}

/** @param dir An existing folder for its log. */
export async function startReceiver(dir: string, options: ReceiverOptions = {}): Promise<Receiver> {
  const { certificates, idle = 'usual' } = options;
  const [port, controlPort] = [await freePort(), await freePort()];
  const ask = async (path: string, method = 'GET') => {
    const signal = AbortSignal.timeout(20_000);
    const answer = await fetch(`http://127.0.0.1:${controlPort}${path}`, { method, signal });
    if (!answer.ok) throw new Error(`the receiver answered ${answer.status}`);
    return answer;
  };
  const tls = certificates === undefined ? [] : ['--cert', certificates.certFile, '--key', certificates.keyFile];
  const args = ['--port', String(port), '--control', String(controlPort), '--idle', idle, ...tls];
  const child = await startScript({ script: 'receiver', args, dir, port, probe: () => ask('/_report') });
  return {
    pid: child.pid,
    url: `${certificates === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
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
