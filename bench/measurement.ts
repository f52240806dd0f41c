import { percentile } from './percentile.js';
import type { Usage } from './process-usage.js';

/** One line of the table. Times in milliseconds, memory in MiB. */
export interface Measurement {
  readonly title: string;
  readonly deliveries: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** CPU a delivery, by process. */
  readonly cpuMs: Record<string, number>;
  /** At the end, by process. */
  readonly memoryMiB: Record<string, number>;
  /** p99 of the dispatcher's event loop delay during the load. */
  readonly loopDelayMs?: number;
  /** What must not happen, and did. */
  readonly faults: string[];
}

export interface Observed {
  readonly title: string;
  readonly faults: string[];
  readonly arrivals: readonly number[];
  /** Empty where nothing is published and received. */
  readonly latencies: readonly number[];
  /** Deliveries that the CPU time is shared with and that are not counted here. */
  readonly beside?: number;
  readonly loopDelayMs?: number;
  readonly usage: Record<'before' | 'after', Record<string, Usage>>;
}

export function measurementOf(observed: Observed): Measurement {
  const { title, faults, arrivals, latencies, usage, beside = 0, loopDelayMs } = observed;
  const deliveries = arrivals.length;
  const used = (name: string) => (usage.after[name]?.cpuMs ?? 0) - (usage.before[name]?.cpuMs ?? 0);
  const names = Object.keys(usage.after);
  return {
    title,
    deliveries,
    perSecond: rateOf(arrivals),
    p50: percentile(latencies, 50),
    p95: percentile(latencies, 95),
    p99: percentile(latencies, 99),
    cpuMs: Object.fromEntries(names.map((name) => [name, used(name) / (deliveries + beside)])),
    memoryMiB: Object.fromEntries(names.map((name) => [name, usage.after[name]?.memoryMiB ?? 0])),
    ...(loopDelayMs !== undefined && { loopDelayMs }),
    faults: deliveries === 0 ? [...faults, 'no result'] : faults,
  };
}

/** Between the first and the last tenth: how it starts and ends says nothing about how it goes on. */
function rateOf(arrivals: readonly number[]): number {
  const sorted = [...arrivals].sort((a, b) => a - b);
  const from = Math.floor(sorted.length * 0.1);
  const to = Math.ceil(sorted.length * 0.9) - 1;
  return ((to - from) * 1_000) / ((sorted[to] ?? Number.NaN) - (sorted[from] ?? Number.NaN));
}

/** Our own processes, the engine and the database together. */
export const serviceCpuMs = ({ cpuMs }: Measurement): number =>
  Object.entries(cpuMs).reduce((sum, [name, ms]) => (name === 'nats' ? sum : sum + ms), 0);

/** The dispatcher's CPU of a delivery beside that of the yardstick. */
export const dispatcherCpuRatio = (ours: Measurement, yardstick: Measurement): number =>
  (ours.cpuMs['dispatcher'] ?? Number.NaN) / (yardstick.cpuMs['dispatcher'] ?? Number.NaN);

/** Merges several rounds of one measurement. Rates and times are means weighted by deliveries, except for what was worst. */
export function mergeMeasurements(rounds: readonly Measurement[]): Measurement {
  const [first] = rounds;
  if (first === undefined) throw new Error('no rounds');
  const deliveries = rounds.reduce((sum, round) => sum + round.deliveries, 0);
  const mean = (read: (round: Measurement) => number) =>
    rounds.reduce((sum, round) => sum + read(round) * round.deliveries, 0) / deliveries;
  const names = Object.keys(first.cpuMs);
  return {
    ...first,
    deliveries,
    perSecond: deliveries / rounds.reduce((sum, { deliveries: of, perSecond }) => sum + of / perSecond, 0),
    p50: mean(({ p50 }) => p50),
    p95: mean(({ p95 }) => p95),
    p99: mean(({ p99 }) => p99),
    cpuMs: Object.fromEntries(names.map((name) => [name, mean(({ cpuMs }) => cpuMs[name] ?? 0)])),
    memoryMiB: Object.fromEntries(names.map((name) => [name, Math.max(...rounds.map((r) => r.memoryMiB[name] ?? 0))])),
    faults: rounds.flatMap(({ faults }) => faults),
  };
}
