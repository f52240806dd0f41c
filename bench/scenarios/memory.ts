import { type Bench, newGroup } from '../bench.js';
import { measureLoad } from '../measure-load.js';
import type { Measurement } from '../measurement.js';
import { openAccounts } from '../open-account.js';
import type { Outcome } from '../outcome.js';
import { publishBurst, spread, toDispatch } from '../publish.js';
import type { World } from '../start-world.js';

/** As many as an account may have. */
const EACH = 10;
const FEW = 100;

/** What the dispatcher remembers of many endpoints: as many deliveries to few and to many, by a process of its own each. */
export async function memory({ world, sizes }: Bench): Promise<Outcome> {
  const many = sizes('memory.endpoints');
  const few = Math.min(FEW, many / 2);
  const small = await measure(world, { endpoints: few, deliveries: many });
  const large = await measure(world, { endpoints: many, deliveries: many });
  await world.restart(1);
  const more = (large.memoryMiB['dispatcher'] ?? Number.NaN) - (small.memoryMiB['dispatcher'] ?? Number.NaN);
  return {
    scenario: 'memory',
    measurements: [small, large],
    claims: [{ what: 'memory of the dispatcher, MiB more', value: more, target: 48, good: 'below' }],
    faults: [],
    notes: [],
  };
}

async function measure(
  world: World,
  { endpoints, deliveries }: { readonly endpoints: number; readonly deliveries: number },
): Promise<Measurement> {
  const group = newGroup();
  const receiver = await world.openReceiver({ https: true });
  const accounts = await openAccounts(world, endpoints / EACH, { group, endpoints: EACH, at: receiver.url });
  await world.restart(1);
  const measured = await measureLoad(world, {
    title: `https, ${deliveries} deliveries to ${endpoints} endpoints`,
    group,
    receiver,
    expected: deliveries,
    publish: () => publishBurst(toDispatch(world.nats), spread(accounts, deliveries / EACH)),
  });
  await receiver.stop();
  return measured;
}
