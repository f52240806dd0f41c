import type { Bench } from '../bench.js';
import { measureLoad } from '../measure-load.js';
import type { Outcome } from '../outcome.js';
import { measureBothSchemes } from '../measure-both-schemes.js';
import { openWarmAccounts } from '../open-warm-accounts.js';
import { publishSteadily, spread, toDispatch } from '../publish.js';

/** One event a second for each. */
const ENDPOINTS = 20;

/** From publication to arrival over https beside http, where nothing queues. */
export async function httpsLatency({ world, sizes }: Bench): Promise<Outcome> {
  const expected = Math.round(ENDPOINTS * sizes('https.seconds'));
  const { http, https } = await measureBothSchemes(world, async ({ scheme, receiver }) => {
    const { accounts, group } = await openWarmAccounts(world, { count: ENDPOINTS, receiver });
    return await measureLoad(world, {
      title: `${scheme}, one event a second for each of ${ENDPOINTS} endpoints`,
      group,
      receiver,
      expected,
      publish: () => publishSteadily(toDispatch(world.nats), spread(accounts, expected), ENDPOINTS),
    });
  });
  return {
    scenario: 'https-latency',
    measurements: [http, https],
    claims: [
      { what: 'p50 beside http', value: https.p50 / http.p50, target: 1.3, good: 'below' },
      { what: 'p99 beside http', value: https.p99 / http.p99, target: 1.5, good: 'below' },
    ],
    faults: [],
    notes: [],
  };
}
