import type { Bench } from '../bench.js';
import { dispatcherCpuRatio } from '../measurement.js';
import { measureLoad } from '../measure-load.js';
import type { Outcome } from '../outcome.js';
import { measureBothSchemes } from '../measure-both-schemes.js';
import { openWarmAccounts } from '../open-warm-accounts.js';
import { publishBurst, spread, toDispatch } from '../publish.js';

const ENDPOINTS = 20;

/** Single events over https beside the same over http. */
export async function httpsSingles({ world, sizes }: Bench): Promise<Outcome> {
  const expected = sizes('https.events');
  const { http, https } = await measureBothSchemes(world, async ({ scheme, receiver }) => {
    const { accounts, group } = await openWarmAccounts(world, { count: ENDPOINTS, receiver });
    return await measureLoad(world, {
      title: `${scheme}, single events, ${ENDPOINTS} endpoints`,
      group,
      receiver,
      expected,
      publish: () => publishBurst(toDispatch(world.nats), spread(accounts, expected)),
    });
  });
  return {
    scenario: 'https-singles',
    measurements: [http, https],
    claims: [
      { what: 'deliveries/s beside http', value: https.perSecond / http.perSecond, target: 0.9, good: 'above' },
      { what: 'CPU of the dispatcher beside http', value: dispatcherCpuRatio(https, http), target: 1.2, good: 'below' },
    ],
    faults: [],
    notes: [],
  };
}
