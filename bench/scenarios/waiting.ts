import { type Bench, newGroup, singleEvents } from '../bench.js';
import { measureLoad } from '../measure-load.js';
import { openAccount, openAccounts } from '../open-account.js';
import type { Outcome } from '../outcome.js';
import { publishBurst, spread, toDispatch } from '../publish.js';
import type { World } from '../start-world.js';

const EVENTS = 100;
const ACCOUNTS = 20;
/** No delivery is due for its retry before the run is over. */
const SCHEDULE = '0,6h';

/** A backlog of deliveries that wait for their retry must cost nothing. */
export async function waiting({ world, sizes }: Bench): Promise<Outcome> {
  await world.restart(1, { RETRY_SCHEDULE: SCHEDULE });
  const events = sizes('waiting.events');
  const batches = Math.ceil(sizes('waiting.deliveries') / EVENTS);
  await grow(world, batches);
  const before = await singleEvents(world, { title: 'none waiting', events });
  const group = newGroup();
  const accounts = await openAccounts(world, ACCOUNTS, { group, behavior: 'fail' });
  const messages = spread(accounts, batches, EVENTS);
  const made = await measureLoad(world, {
    title: 'first attempts of batches that fail',
    group,
    expected: messages.length * EVENTS,
    publish: () => publishBurst(toDispatch(world.nats), messages),
  });
  const after = await singleEvents(world, { title: `${messages.length * EVENTS} waiting`, events });
  const grown = (after.memoryMiB['dispatcher'] ?? 0) - (before.memoryMiB['dispatcher'] ?? 0);
  await world.restart(1);
  return {
    scenario: 'waiting',
    measurements: [before, made, after],
    claims: [
      { what: 'rate beside none waiting', value: after.perSecond / before.perSecond, target: 0.95, good: 'above' },
      { what: 'memory of the dispatcher, MiB more', value: grown, target: 64, good: 'below' },
    ],
    faults: [],
    notes: [`${messages.length} workflows of ${EVENTS} deliveries each, due in six hours`],
  };
}

/** As many batches that are delivered at once: the heap takes what a window full of them needs, whether they succeed or wait. */
async function grow(world: World, batches: number): Promise<void> {
  const { accountId, group } = await openAccount(world, { group: newGroup() });
  const publish = () => publishBurst(toDispatch(world.nats), spread([{ accountId }], batches, EVENTS));
  await measureLoad(world, { title: 'warm-up', group, expected: batches * EVENTS, publish });
}
