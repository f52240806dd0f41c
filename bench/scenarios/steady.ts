import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, newGroup } from '../bench.js';
import { clock } from '../clock.js';
import { measureLoad } from '../measure-load.js';
import { openAccounts } from '../open-account.js';
import type { Claim, Outcome } from '../outcome.js';
import { percentile } from '../percentile.js';
import { readUsage, type Usage } from '../process-usage.js';
import { publishSteadily, spread, toDispatch } from '../publish.js';
import type { World } from '../start-world.js';

const ACCOUNTS = 50;

/** Half of the capacity for minutes: what grows in the first minute and goes on growing is a leak. */
export async function steady({ world, sizes, capacity }: Bench): Promise<Outcome> {
  const perSecond = 0.5 * (await capacity());
  const minutes = sizes('steady.minutes');
  const lengthMs = minutes * 60_000;
  const windowMs = Math.min(60_000, lengthMs / 3);
  const group = newGroup();
  const accounts = await openAccounts(world, ACCOUNTS, { group });
  const messages = spread(accounts, Math.round((perSecond * lengthMs) / 1_000));
  const startedAt = clock();
  const publish = () => publishSteadily(toDispatch(world.nats), messages, perSecond);
  const title = `${minutes} minutes at half of the capacity`;
  const [whole, first, last] = await Promise.all([
    measureLoad(world, { title, group, expected: messages.length, publish }),
    dispatcherAfter(world, windowMs),
    dispatcherAfter(world, lengthMs),
  ]);
  const { arrivals, latencies } = await world.receiver.report(group, true);
  const p99Of = (from: number, to: number) =>
    percentile(
      latencies.filter((_, n) => (arrivals[n] ?? 0) >= from && (arrivals[n] ?? 0) < to),
      99,
    );
  const p99 = {
    first: p99Of(startedAt, startedAt + windowMs),
    last: p99Of(startedAt + lengthMs - windowMs, Infinity),
  };
  const window = `${(windowMs / 1_000).toFixed(0)} s`;
  return {
    scenario: 'steady',
    measurements: [whole],
    claims: growth(p99, { first, last }),
    faults: [],
    notes: [
      `${perSecond.toFixed(1)} events/s; p99 ${p99.first.toFixed(0)} ms in the first ${window}, ${p99.last.toFixed(0)} ms in the last`,
      `dispatcher ${first.memoryMiB.toFixed(0)} → ${last.memoryMiB.toFixed(0)} MiB, ${first.handles} → ${last.handles} handles`,
    ],
  };
}

interface FirstAndLast<T> {
  readonly first: T;
  readonly last: T;
}

const growth = (p99: FirstAndLast<number>, usage: FirstAndLast<Usage>): Claim[] => {
  const more = (read: (usage: Usage) => number) => read(usage.last) - read(usage.first);
  const memory = more(({ memoryMiB }) => memoryMiB);
  return [
    { what: 'p99 of the last minute beside the first', value: p99.last / p99.first, target: 1.2, good: 'below' },
    { what: 'memory of the dispatcher after the first minute, MiB more', value: memory, target: 16, good: 'below' },
    { what: 'handles after the first minute, more', value: more(({ handles }) => handles), target: 10, good: 'below' },
  ];
};

async function dispatcherAfter(world: World, ms: number): Promise<Usage> {
  await sleep(ms);
  return readUsage(world.watched())['dispatcher'] ?? { cpuMs: 0, memoryMiB: 0, handles: 0 };
}
