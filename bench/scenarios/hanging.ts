import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, newGroup, singleEvents } from '../bench.js';
import { measureLoad } from '../measure-load.js';
import { type Account, openAccounts } from '../open-account.js';
import type { Outcome } from '../outcome.js';
import { type PlannedMessage, publishSteadily, toDispatch } from '../publish.js';
import type { World } from '../start-world.js';

/** Soon enough that a run sees the retries, long enough that they do not all come at once. */
const SCHEDULE = '0,5s,10s,10s,15s,20s,30s,60s,60s';
const SETTLED_WITHIN_MS = 150_000;

/**
 * Events a second at which the requests that hang, a tenth for five seconds each, are 12.5 at any moment: above 36 they would be
 * more than the 18 that a process may leave to endpoints it does not know, and the requests to all other endpoints would wait
 * behind them.
 */
const MOST_PER_SECOND = 25;

/**
 * One endpoint of ten takes every request and answers none within the time. The dispatcher does not know which before the
 * first message.
 */
export async function hanging({ world, sizes, capacity }: Bench): Promise<Outcome> {
  const endpoints = sizes('hanging.endpoints');
  const half = 0.5 * (await capacity());
  const perSecond = Math.min(half, MOST_PER_SECOND);
  const group = newGroup();
  const bad = newGroup();
  const healthy = await openAccounts(world, Math.round(endpoints * 0.9), { group });
  const hangs = await openAccounts(world, Math.round(endpoints * 0.1), { group: bad, behavior: 'hang' });
  const mixed = everyTenth(hangs, healthy, Math.round(perSecond * sizes('hanging.seconds')));
  const own = new Set(healthy.map(({ accountId }) => accountId));
  const alone = mixed.filter(({ accountId }) => own.has(accountId));
  const send = toDispatch(world.nats);
  const measure = async (title: string, messages: readonly PlannedMessage[], rate: number) => {
    // The new dispatcher has compiled code and open connections, but no record of the endpoints that answered.
    await world.restart(1, { RETRY_SCHEDULE: SCHEDULE });
    await singleEvents(world, { title: 'warm-up', events: 100 });
    const publish = () => publishSteadily(send, messages, rate);
    const beside = messages.length - alone.length;
    return await measureLoad(world, { title, group, expected: alone.length, beside, publish });
  };
  const without = await measure('healthy endpoints without hanging ones', alone, perSecond * 0.9);
  const beside = await measure('healthy endpoints beside hanging ones', mixed, perSecond);
  const timedOut = (await world.receiver.report(bad)).requests;
  await world.receiver.repair(bad);
  const faults = await settled(world, hangs, mixed.length - alone.length);
  await world.restart(1);
  const told = `${timedOut} requests were left hanging, then all were repaired and delivered`;
  return {
    scenario: 'hanging',
    measurements: [without, beside],
    claims: [
      { what: 'healthy p99 beside the same without', value: beside.p99 / without.p99, target: 1.5, good: 'below' },
      { what: 'healthy rate', value: beside.perSecond / without.perSecond, target: 0.95, good: 'above' },
    ],
    faults,
    notes: [
      `${perSecond.toFixed(1)} events/s (half of the capacity: ${half.toFixed(1)}) to ${endpoints} endpoints; ${told}`,
    ],
  };
}

function everyTenth(rare: readonly Account[], usual: readonly Account[], count: number): PlannedMessage[] {
  return Array.from({ length: count - (count % 10) }, (_, n) => {
    const [from, index] = n % 10 === 9 ? [rare, (n - 9) / 10] : [usual, n - Math.floor(n / 10)];
    return { accountId: (from[index % from.length] as Account).accountId, events: 1 };
  });
}

/** Every delivery to an endpoint that hung has arrived in the end, by a retry. */
async function settled({ admin }: World, accounts: readonly Account[], expected: number): Promise<string[]> {
  const ids = accounts.map(({ accountId }) => accountId);
  const ask = async (): Promise<number> => {
    const { rows } = await admin.query<{ delivered: string }>(
      `SELECT count(*) AS delivered FROM hook.delivery_attempts WHERE account_id = ANY ($1) AND is_latest AND outcome = 'delivered'`,
      [ids],
    );
    return Number(rows[0]?.delivered);
  };
  for (const deadline = Date.now() + SETTLED_WITHIN_MS; Date.now() < deadline; await sleep(500))
    if ((await ask()) >= expected) return [];
  return [`${expected - (await ask())} of ${expected} deliveries to hanging endpoints were not delivered in the end`];
}
