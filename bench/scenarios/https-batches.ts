import type { Bench } from '../bench.js';
import { measureLoad } from '../measure-load.js';
import { dispatcherCpuRatio, type Measurement } from '../measurement.js';
import type { Outcome } from '../outcome.js';
import { measureBothSchemes } from '../measure-both-schemes.js';
import { openWarmAccounts } from '../open-warm-accounts.js';
import { publishBurst, spread, toDispatch } from '../publish.js';

const EVENTS = 50;
const ENDPOINTS = 100;

/** Batches over https beside the same over http: what the dispatcher pays, and how long its event loop is held up. */
export async function httpsBatches({ world, sizes }: Bench): Promise<Outcome> {
  const batches = Math.ceil(sizes('https.deliveries') / EVENTS);
  const count = Math.min(ENDPOINTS, batches);
  const { http, https } = await measureBothSchemes(world, async ({ scheme, receiver }) => {
    const { accounts, group } = await openWarmAccounts(world, { count, receiver });
    return await measureLoad(world, {
      title: `${scheme}, batches of ${EVENTS} events, ${count} endpoints`,
      group,
      receiver,
      expected: batches * EVENTS,
      publish: () => publishBurst(toDispatch(world.nats), spread(accounts, batches, EVENTS)),
    });
  });
  const loop = loopDelayMs(https) / loopDelayMs(http);
  return {
    scenario: 'https-batches',
    measurements: [http, https],
    claims: [
      { what: 'deliveries/s beside http', value: https.perSecond / http.perSecond, target: 0.8, good: 'above' },
      { what: 'CPU of the dispatcher beside http', value: dispatcherCpuRatio(https, http), target: 1.3, good: 'below' },
      { what: 'p99 of its event loop delay beside http', value: loop, target: 1.5, good: 'below' },
    ],
    faults: [],
    notes: [`p99 of the event loop delay: http ${loopText(http)}, https ${loopText(https)}`],
  };
}

const loopDelayMs = ({ loopDelayMs: ms = Number.NaN }: Measurement): number => ms;
const loopText = (of: Measurement): string => `${loopDelayMs(of).toFixed(1)} ms`;
