import type { Bench } from '../bench.js';
import { measureLoad } from '../measure-load.js';
import type { Measurement } from '../measurement.js';
import type { Account } from '../open-account.js';
import type { Outcome } from '../outcome.js';
import { openWarmAccounts } from '../open-warm-accounts.js';
import { publishSteadily, spread, toDispatch } from '../publish.js';
import { readOutboundRepeats } from '../read-outbound-repeats.js';
import type { World } from '../start-world.js';

/** One event a second for each: its connection has been idle for as long. */
const ENDPOINTS = 40;
/** A request meets the connection's end on its way; on a machine alone that would hardly ever happen. */
const ONE_WAY_MS = 10;

/**
 * A receiver that closes idle connections at a random moment within five seconds, beside one that does not. Of all requests
 * 0.4 % begin in the 20 ms in which the receiver has closed the connection and the dispatcher cannot know it.
 */
export async function stale({ world, sizes }: Bench): Promise<Outcome> {
  const events = sizes('stale.events');
  const kept = await measure(world, 'https, idle connections are left open', { events, idle: 'kept' });
  const closed = await measure(world, 'https, idle connections are closed at random', { events, idle: 'random' });
  const repeats = (100 * closed.repeats) / events;
  return {
    scenario: 'stale',
    measurements: [kept.measured, closed.measured],
    claims: [
      { what: 'failed attempts', value: kept.failed + closed.failed, target: 0, good: 'below' },
      { what: 'requests repeated on a new connection, % of the deliveries', value: repeats, target: 1, good: 'below' },
    ],
    faults: [],
    notes: [`repeats: ${kept.repeats} at the first receiver, ${closed.repeats} at the second, of ${events} each`],
  };
}

async function measure(
  world: World,
  title: string,
  { events, idle }: { events: number; idle: 'kept' | 'random' },
): Promise<{ measured: Measurement; failed: number; repeats: number }> {
  const receiver = await world.openReceiver({ https: true, idle });
  const at = `https://127.0.0.1:${await world.openDistance(receiver.port, ONE_WAY_MS)}`;
  const { accounts, group } = await openWarmAccounts(world, { count: ENDPOINTS, receiver, at });
  const before = await readOutboundRepeats(world);
  const measured = await measureLoad(world, {
    title,
    group,
    receiver,
    expected: events,
    retried: true,
    publish: () => publishSteadily(toDispatch(world.nats), spread(accounts, events), ENDPOINTS),
  });
  const repeats = (await readOutboundRepeats(world)) - before;
  await receiver.stop();
  return { measured, failed: await failedAttempts(world, accounts), repeats };
}

async function failedAttempts({ admin }: World, accounts: readonly Account[]): Promise<number> {
  const { rows } = await admin.query<{ failed: string }>(
    `SELECT count(*) AS failed FROM hook.delivery_attempts WHERE account_id = ANY ($1) AND status = 'failed'`,
    [accounts.map(({ accountId }) => accountId)],
  );
  return Number(rows[0]?.failed);
}
