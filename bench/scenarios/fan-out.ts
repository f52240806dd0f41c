import { type Bench, newGroup } from '../bench.js';
import { measureLoad } from '../measure-load.js';
import { openAccount, openAccounts } from '../open-account.js';
import type { Outcome } from '../outcome.js';
import { publishBurst, spread, toDispatch } from '../publish.js';

const ENDPOINTS = 10;

/** One event for ten endpoints, beside ten events for one endpoint each. */
export async function fanOut({ world, sizes }: Bench): Promise<Outcome> {
  const events = sizes('fanout.events');
  const expected = events * ENDPOINTS;
  const apart = await openAccounts(world, ENDPOINTS, { group: newGroup() });
  const separate = await measureLoad(world, {
    title: 'ten workflows with one endpoint each',
    group: apart[0]?.group ?? '',
    expected,
    publish: () => publishBurst(toDispatch(world.nats), spread(apart, expected)),
  });
  const one = await openAccount(world, { group: newGroup(), endpoints: ENDPOINTS });
  const combined = await measureLoad(world, {
    title: 'one event, ten endpoints',
    group: one.group,
    expected,
    publish: () => publishBurst(toDispatch(world.nats), spread([one], events)),
  });
  const value = combined.perSecond / separate.perSecond;
  return {
    scenario: 'fanout',
    measurements: [separate, combined],
    claims: [{ what: 'deliveries/s beside ten workflows', value, target: 5, good: 'above' }],
    faults: [],
    notes: [],
  };
}
