import { cpus } from 'node:os';
import { type Bench, newGroup } from '../bench.js';
import { measureLoad } from '../measure-load.js';
import { openAccounts } from '../open-account.js';
import type { Claim, Outcome } from '../outcome.js';
import { publishBurst, spread, toDispatch } from '../publish.js';
import type { World } from '../start-world.js';
import { watchLocks } from '../watch-locks.js';

const ACCOUNTS = 20;
/** Two dispatchers beside a server and a database: fewer cores are busy with one already. */
const CORES_FOR_TWO = 8;

/** A second dispatcher uses the cores that are idle. Where none is idle, it must not delay deliveries. */
export async function dispatchers({ world, sizes }: Bench): Promise<Outcome> {
  const events = sizes('dispatchers.events');
  const one = await measureWith(world, 1, events);
  const two = await measureWith(world, 2, events);
  await world.restart(1);
  const ratio = two.result.perSecond / one.result.perSecond;
  const hasCores = cpus().length >= CORES_FOR_TWO;
  const claims: Claim[] = hasCores
    ? [{ what: 'rate beside one dispatcher', value: ratio, target: 1.6, good: 'above' }]
    : [{ what: 'connections that wait for a lock of another', value: two.waits.heavy, target: 0.1, good: 'below' }];
  const told = ({ waits }: typeof one) =>
    `${waits.heavy.toFixed(2)} behind another transaction, ${waits.light.toFixed(2)} inside PostgreSQL`;
  return {
    scenario: 'dispatchers',
    measurements: [one.result, two.result],
    claims,
    faults: [],
    notes: [
      `rate beside one dispatcher: ${ratio.toFixed(2)}${hasCores ? '' : `, on ${cpus().length} cores that one keeps busy`}`,
      `connections that wait, on average: with one ${told(one)}; with two ${told(two)}`,
    ],
  };
}

async function measureWith(world: World, count: number, events: number) {
  await world.restart(count);
  const accounts = await openAccounts(world, ACCOUNTS, { group: newGroup() });
  const send = toDispatch(world.nats);
  const load = (title: string, count: number) => {
    const planned = spread(accounts, count);
    const publish = () => publishBurst(send, planned);
    return measureLoad(world, { title, group: accounts[0]?.group ?? '', expected: planned.length, publish });
  };
  await load('warm-up', Math.min(200, events));
  return await watchLocks(world, () => load(`${count} dispatcher${count === 1 ? '' : 's'}`, events));
}
