import type { Bench } from '../bench.js';
import { measureLoad } from '../measure-load.js';
import type { Measurement } from '../measurement.js';
import type { Outcome } from '../outcome.js';
import { openWarmAccounts } from '../open-warm-accounts.js';
import { publishBurst, spread, toDispatch } from '../publish.js';
import { readMetrics } from '../read-metrics.js';
import type { World } from '../start-world.js';

const EVENTS = 50;
/** So few that each has its next batch before a kept connection has been idle for too long. */
const ENDPOINTS = 10;
const ONE_WAY_MS = 25;
/** What the receiver takes for its answer: `work` of bench/receiver.ts. */
const WORK_MS = 10;

/**
 * A receiver 50 ms away. A slot is held for one round trip and the receiver's work if the connection is there already, and for
 * three if it is made for the request: TCP, TLS 1.3, then the request.
 */
export async function distance({ world, sizes }: Bench): Promise<Outcome> {
  const expected = sizes('distance.deliveries');
  const kept = await measure(world, 'https 50 ms away, batches of 50 events, 10 endpoints', expected);
  const slots = await fastSlots(world);
  await world.restart(1, { OUTBOUND_KEEP_ALIVE: 'off' });
  const title = 'the same with a new connection for each request';
  const without = await measure(world, title, Math.ceil(expected / 3));
  await world.restart(1);
  const limit = (slots * 1_000) / (2 * ONE_WAY_MS + WORK_MS);
  const share = (of: Measurement) => of.perSecond / limit;
  return {
    scenario: 'distance',
    measurements: [kept, without],
    claims: [{ what: 'deliveries/s beside the limit of the slots', value: share(kept), target: 0.8, good: 'above' }],
    faults: [],
    notes: [
      `limit: ${slots} slots ÷ (${2 * ONE_WAY_MS} ms + ${WORK_MS} ms of work) = ${limit.toFixed(0)}/s`,
      `without kept connections ${share(without).toFixed(2)} of it, where three round trips allow ${threeTrips.toFixed(2)}`,
    ],
  };
}

const threeTrips = (2 * ONE_WAY_MS + WORK_MS) / (6 * ONE_WAY_MS + WORK_MS);

async function measure(world: World, title: string, deliveries: number): Promise<Measurement> {
  const receiver = await world.openReceiver({ https: true });
  const port = await world.openDistance(receiver.port, ONE_WAY_MS);
  const at = `https://127.0.0.1:${port}`;
  const { accounts, group } = await openWarmAccounts(world, { count: ENDPOINTS, receiver, behavior: 'work', at });
  const batches = Math.ceil(deliveries / EVENTS);
  const measured = await measureLoad(world, {
    title,
    group,
    receiver,
    expected: batches * EVENTS,
    publish: () => publishBurst(toDispatch(world.nats), spread(accounts, batches, EVENTS)),
  });
  await receiver.stop();
  return measured;
}

async function fastSlots({ dispatchers: [dispatcher] }: World): Promise<number> {
  if (dispatcher === undefined) throw new Error('no dispatcher');
  return (await readMetrics(dispatcher))('dispatcher_fast_lane_slots');
}
