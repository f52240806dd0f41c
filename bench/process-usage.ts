import { readdirSync, readFileSync } from 'node:fs';

/** Name of a part → the process it is. Descendants count as part of it (PostgreSQL has one process a connection). */
export type Watched = Readonly<Record<string, number>>;

export interface Usage {
  /** User and system time so far, in milliseconds. */
  readonly cpuMs: number;
  /** Resident memory that it does not share, in MiB. */
  readonly memoryMiB: number;
  /** Open files and sockets. */
  readonly handles: number;
}

/** `getconf CLK_TCK`, which is 100 on every Linux that Node runs on. */
const TICK_MS = 10;

interface Stat {
  readonly pid: number;
  readonly parent: number;
  readonly cpuMs: number;
}

/** What the processes have used so far, as /proc tells it. Linux only; a process that is gone counts as zero. */
export function readUsage(watched: Watched): Record<string, Usage> {
  const stats = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => statOf(Number(pid)));
  return Object.fromEntries(Object.entries(watched).map(([name, pid]) => [name, sumOf(family(pid, stats))]));
}

function family(root: number, stats: readonly Stat[]): Stat[] {
  const own = stats.filter(({ pid }) => pid === root);
  const children = stats.filter(({ parent }) => parent === root);
  return [...own, ...children.flatMap(({ pid }) => family(pid, stats))];
}

const sumOf = (stats: readonly Stat[]): Usage => ({
  cpuMs: stats.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
  memoryMiB: stats.reduce((sum, { pid }) => sum + memoryOf(pid), 0),
  handles: stats.reduce((sum, { pid }) => sum + handlesOf(pid), 0),
});

/** proc_pid_stat(5). The name, in parentheses, may contain anything. Times of ended children count for their parent. */
function statOf(pid: number): Stat[] {
  const text = read(`/proc/${pid}/stat`);
  if (text === '') return [];
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + (fields[at] ?? 0), 0);
  return [{ pid, parent: fields[1] ?? 0, cpuMs: ticks * TICK_MS }];
}

function memoryOf(pid: number): number {
  const [, kib] = /^Pss: +(\d+) kB$/m.exec(read(`/proc/${pid}/smaps_rollup`)) ?? [];
  if (kib !== undefined) return Number(kib) / 1_024;
  // Of another user's process only the resident size is told.
  const [, rss] = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`)) ?? [];
  return Number(rss ?? 0) / 1_024;
}

function handlesOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
