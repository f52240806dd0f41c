import { measureLoad } from './measure-load.js';
import { openAccount } from './open-account.js';
import { publishBurst, spread, toDispatch } from './publish.js';
import type { Sizes } from './sizes.js';
import type { World } from './start-world.js';

/** What a scenario works with. */
export interface Bench {
  readonly world: World;
  readonly sizes: Sizes;
  /** Single events a second to one endpoint that this machine delivers at most; measured once, unless a scenario sets it. */
  readonly capacity: () => Promise<number>;
  readonly setCapacity: (perSecond: number) => void;
}

export function createBench(world: World, sizes: Sizes): Bench {
  let measured: Promise<number> | undefined;
  return {
    world,
    sizes,
    capacity: () => (measured ??= measureCapacity(world, sizes('single.events'))),
    setCapacity: (perSecond) => void (measured = Promise.resolve(perSecond)),
  };
}

async function measureCapacity(world: World, events: number): Promise<number> {
  world.log('measuring the capacity for single events');
  const { perSecond } = await singleEvents(world, { title: 'capacity', events });
  return perSecond;
}

let groups = 0;
/** A new name, under which one measurement counts its arrivals. */
export const newGroup = (): string => `g${(groups += 1)}`;

/** So many single events to one new endpoint, as fast as they go. */
export async function singleEvents(world: World, { title, events }: { title: string; events: number }) {
  const { accountId, group } = await openAccount(world, { group: newGroup() });
  const messages = spread([{ accountId }], events);
  const publish = () => publishBurst(toDispatch(world.nats), messages);
  return await measureLoad(world, { title, group, expected: events, publish });
}
