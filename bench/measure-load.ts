import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceProcess } from '../local/own-processes.js';
import { clock } from './clock.js';
import { measurementOf, type Measurement } from './measurement.js';
import { readUsage } from './process-usage.js';
import { readMetrics } from './read-metrics.js';
import type { Receiver } from './start-receiver.js';
import type { World } from './start-world.js';

export interface Load {
  /** Name of the measurement in the table. */
  readonly title: string;
  /** Of the endpoints whose arrivals count. */
  readonly group: string;
  /** Where they arrive; absent: the receiver that always runs. */
  readonly receiver?: Receiver;
  /** Deliveries that have to arrive there, each once. */
  readonly expected: number;
  readonly publish: () => Promise<void>;
  /** Deliveries elsewhere that are made at the same time and share the CPU time. */
  readonly beside?: number;
  /** Attempts may be repeated: endpoints fail on purpose. */
  readonly retried?: boolean;
}

const PATIENCE_MS = 60_000;
/** The contract of one dispatcher. */
const MOST_AT_ONCE = 20;
/** `eventLoopMonitoringPrecision` of prom-client. */
const LOOP_TIMER_MS = 10;

/** Publishes and waits until everything has arrived, or nothing has for a minute. */
export async function measureLoad(world: World, load: Load): Promise<Measurement> {
  const { dispatchers } = world;
  const { receiver = world.receiver } = load;
  await receiver.start();
  const before = await receiver.report(load.group);
  const usageBefore = readUsage(world.watched());
  await readLoopDelayMs(world);
  const startedAt = clock();
  await load.publish();
  await allArrived(receiver, load, before.deliveries);
  const loopDelayMs = await readLoopDelayMs(world);
  await firstAttemptsOver(world);
  const usage = { before: usageBefore, after: readUsage(world.watched()) };
  const { requests, deliveries, mostAtOnce, arrivals, latencies } = await receiver.report(load.group, true);
  const arrived = { deliveries: deliveries - before.deliveries, requests: requests - before.requests };
  const faults = [
    ...fault(load.expected - arrived.deliveries, 'deliveries lost'),
    ...fault(arrived.deliveries - load.expected, 'deliveries too many'),
    ...fault(load.retried === true ? 0 : arrived.requests - arrived.deliveries, 'requests repeated'),
    ...fault(mostAtOnce - MOST_AT_ONCE * dispatchers.length, `requests at once beyond ${MOST_AT_ONCE} a dispatcher`),
  ];
  const own = (_: number, index: number) => (arrivals[index] ?? 0) >= startedAt;
  const times = { arrivals: arrivals.filter(own), latencies: latencies.filter(own) };
  return measurementOf({ title: load.title, faults, usage, beside: load.beside ?? 0, loopDelayMs, ...times });
}

const fault = (count: number, what: string): string[] => (count > 0 ? [`${count} ${what}`] : []);

async function allArrived(receiver: Receiver, { group, expected }: Load, before: number): Promise<void> {
  let seen = 0;
  for (let progressAt = Date.now(); Date.now() - progressAt < PATIENCE_MS; await sleep(100)) {
    const { requests, deliveries } = await receiver.report(group);
    if (deliveries - before >= expected) return;
    if (requests > seen) progressAt = Date.now();
    seen = requests;
  }
}

/**
 * The worst p99 of the dispatchers' event loop delays since it was read last: the library forgets them when they are read.
 * What it tells is the time between two turns of a timer, so the timer's own ten milliseconds are taken off.
 */
async function readLoopDelayMs({ dispatchers }: World): Promise<number> {
  const read = async (dispatcher: ServiceProcess) =>
    (await readMetrics(dispatcher))('nodejs_eventloop_lag_p99_seconds');
  const seconds = Math.max(0, ...(await Promise.all(dispatchers.map(read))));
  return Math.max(0, seconds * 1_000 - LOOP_TIMER_MS);
}

/** Rows and workflows are behind their requests; their cost belongs to the load. */
async function firstAttemptsOver({ dispatchers }: World): Promise<void> {
  const inFlight = async (dispatcher: ServiceProcess) =>
    (await readMetrics(dispatcher))('dispatcher_messages_in_flight');
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(50)) {
    const counts = await Promise.all(dispatchers.map(inFlight));
    if (counts.every((count) => count === 0)) break;
  }
  await sleep(300);
}
