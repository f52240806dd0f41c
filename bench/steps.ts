import type { MessageStep } from '../bin/dispatcher/dispatcher-metrics.js';
import type { ServiceProcess } from '../local/own-processes.js';
import { readMetrics } from './read-metrics.js';

type Sums = Record<MessageStep, { seconds: number; count: number }>;

/** What a dispatcher has spent on the steps between a message's arrival and its first request. */
export async function readSteps(dispatcher: Pick<ServiceProcess, 'internalUrl'>): Promise<Sums> {
  const value = await readMetrics(dispatcher);
  const read = (what: string, step: MessageStep) => value(`dispatcher_step_duration_seconds_${what}{step="${step}"}`);
  const sumOf = (step: MessageStep) => ({ seconds: read('sum', step), count: read('count', step) });
  return { record: sumOf('record'), start: sumOf('start') };
}

/** The mean of each step since then, in milliseconds. */
export function stepMeans(before: Sums, after: Sums): string {
  const mean = (step: MessageStep) =>
    (1_000 * (after[step].seconds - before[step].seconds)) / (after[step].count - before[step].count);
  return `on the way, mean: rows ${mean('record').toFixed(1)} ms, start of the workflow ${mean('start').toFixed(1)} ms`;
}
