import { type Bench, newGroup } from '../bench.js';
import { measureLoad } from '../measure-load.js';
import { serviceCpuMs } from '../measurement.js';
import { openAccount } from '../open-account.js';
import type { Outcome } from '../outcome.js';
import { readUsage } from '../process-usage.js';
import { createProducer } from '../../producer/create-producer.js';
import { clock } from '../clock.js';
import { eventOf } from '../publish.js';
import type { World } from '../start-world.js';
import { startYardstick } from '../start-yardstick.js';

const EVENTS = 50;

/** Batches of 50 events, beside single events, and beside what node-fetch takes for the same requests alone. */
export async function batches({ world, sizes, capacity }: Bench): Promise<Outcome> {
  const single = await capacity();
  const expected = sizes('batches.events');
  const fetchMs = await nodeFetchMs(world, expected);
  const { accountId, group } = await openAccount(world, { group: newGroup() });
  const ours = await measureLoad(world, {
    title: 'batches of 50 events, one endpoint',
    group,
    expected,
    publish: () => emitAll(world, accountId, expected),
  });
  const cpu = serviceCpuMs(ours);
  return {
    scenario: 'batches',
    measurements: [ours],
    claims: [
      { what: 'deliveries/s beside single events', value: ours.perSecond / single, target: 10, good: 'above' },
      { what: 'CPU ms a delivery, Node, Temporal and PostgreSQL', value: cpu, target: 2, good: 'below' },
      { what: 'that CPU beside node-fetch alone', value: cpu / fetchMs, target: 2.5, good: 'below' },
    ],
    faults: [],
    notes: [`single events: ${single.toFixed(1)}/s; node-fetch alone: ${fetchMs.toFixed(2)} ms CPU a POST`],
  };
}

/** As a busy platform service would: event by event, and the producer makes the batches. */
async function emitAll({ nats }: World, accountId: string, count: number): Promise<void> {
  const producer = createProducer({
    jetStream: nats.jetstream(),
    maxEvents: EVENTS,
    lingerMs: 50,
    maxUnconfirmed: 5_000,
  });
  const emitted: Promise<void>[] = [];
  for (let n = 0; n < count; n += 1) {
    await producer.waitForRoom();
    emitted.push(producer.emit(eventOf(accountId, clock())));
  }
  await Promise.all(emitted);
  await producer.close();
}

/** CPU of a process that does nothing but the same POSTs, in milliseconds each. */
async function nodeFetchMs(world: World, count: number): Promise<number> {
  const to = `${world.receiver.url}/ok/${newGroup()}/post`;
  const { child, reached } = await startYardstick(world, 'forwarder', ['--to', to, '--count', String(count)]);
  const watched = { node: child.pid };
  await reached('measuring');
  const before = readUsage(watched)['node']?.cpuMs ?? 0;
  await reached('done');
  const after = readUsage(watched)['node']?.cpuMs ?? 0;
  await child.stop();
  return (after - before) / count;
}
