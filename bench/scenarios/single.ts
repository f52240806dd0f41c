import { type Bench, singleEvents } from '../bench.js';
import { measurementOf, mergeMeasurements, type Measurement } from '../measurement.js';
import type { Outcome } from '../outcome.js';
import { readUsage } from '../process-usage.js';
import type { World } from '../start-world.js';
import { startYardstick } from '../start-yardstick.js';

/** Single events to one endpoint, beside the least that any workflow costs. */
export async function single({ world, sizes, setCapacity }: Bench): Promise<Outcome> {
  const events = sizes('single.events');
  const rounds: { empty: Measurement; ours: Measurement }[] = [];
  for (let round = 0; round < sizes('single.rounds'); round += 1) {
    const empty = await emptyWorkflows(world, events);
    rounds.push({ empty, ours: await singleEvents(world, { title: 'single events, one endpoint', events }) });
  }
  const ours = mergeMeasurements(rounds.map((round) => round.ours));
  const empty = mergeMeasurements(rounds.map((round) => round.empty));
  setCapacity(ours.perSecond);
  return {
    scenario: 'single',
    measurements: [empty, ours],
    claims: [
      { what: 'rate beside empty workflows', value: ours.perSecond / empty.perSecond, target: 0.9, good: 'above' },
    ],
    faults: [],
    notes: [],
  };
}

/** The bridge's own limit. */
const IN_FLIGHT = 28;

async function emptyWorkflows(world: World, count: number): Promise<Measurement> {
  const args = ['--address', world.temporal.address, '--count', String(count), '--in-flight', String(IN_FLIGHT)];
  const { child, reached } = await startYardstick(world, 'empty-workflows', args);
  const { temporal, postgres, nats } = world.watched();
  const watched = { dispatcher: child.pid, temporal: temporal ?? 0, postgres: postgres ?? 0, nats: nats ?? 0 };
  try {
    await reached('measuring');
    const before = readUsage(watched);
    const { arrivals = [] } = await reached('done');
    const usage = { before, after: readUsage(watched) };
    return measurementOf({ title: 'empty workflows', faults: [], arrivals, latencies: [], usage });
  } finally {
    await child.stop();
  }
}
