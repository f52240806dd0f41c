import type { World } from './start-world.js';

const STEPS = ['record', 'start'] as const;
type Sums = Record<(typeof STEPS)[number], { seconds: number; count: number }>;

/** What the first dispatcher has spent on the steps between a message's arrival and its first request. */
export async function readSteps({ dispatchers }: Pick<World, 'dispatchers'>): Promise<Sums> {
  const text = await (await fetch(`${dispatchers[0]?.internalUrl ?? ''}/metrics`)).text();
  const read = (what: string, step: string) =>
    Number(
      new RegExp(`^dispatcher_step_duration_seconds_${what}\\{step="${step}"\\} (\\S+)`, 'm').exec(text)?.[1] ?? 0,
    );
  const sums = STEPS.map((step) => [step, { seconds: read('sum', step), count: read('count', step) }]);
  return Object.fromEntries(sums) as Sums;
}

/** The mean of each step since then, in milliseconds. */
export function stepMeans(before: Sums, after: Sums): string {
  const mean = (step: (typeof STEPS)[number]) =>
    (1_000 * (after[step].seconds - before[step].seconds)) / (after[step].count - before[step].count);
  return `on the way, mean: rows ${mean('record').toFixed(1)} ms, start of the workflow ${mean('start').toFixed(1)} ms`;
}
