import { type Bench, newGroup } from '../bench.js';
import { measureLoad } from '../measure-load.js';
import { openAccount, openAccounts } from '../open-account.js';
import type { Outcome } from '../outcome.js';
import { publishBurst, toDispatch } from '../publish.js';

const OTHERS = 50;

/** One account sends nine of ten messages of a burst; the others' messages lie between its own. */
export async function burst({ world, sizes }: Bench): Promise<Outcome> {
  const events = sizes('burst.events');
  const others = await openAccounts(world, Math.min(OTHERS, events / 10), { group: newGroup() });
  const busy = await openAccount(world, { group: newGroup() });
  const group = others[0]?.group ?? '';
  const mixed = Array.from({ length: events }, (_, n) => {
    const account = n % 10 === 9 ? others[((n - 9) / 10) % others.length] : busy;
    return { accountId: account?.accountId ?? '', events: 1 };
  });
  const few = mixed.filter(({ accountId }) => accountId !== busy.accountId);
  const send = toDispatch(world.nats);
  const alone = await measureLoad(world, {
    title: 'the others alone',
    group,
    expected: few.length,
    publish: () => publishBurst(send, few),
  });
  const beside = await measureLoad(world, {
    title: 'the others beside one with nine times as much',
    group,
    expected: few.length,
    beside: events - few.length,
    publish: () => publishBurst(send, mixed),
  });
  const { deliveries, requests } = await world.receiver.report(busy.group);
  const wrong = deliveries !== events - few.length || requests !== deliveries;
  return {
    scenario: 'burst',
    measurements: [alone, beside],
    claims: [
      { what: 'p99 of the others beside the same alone', value: beside.p99 / alone.p99, target: 3, good: 'below' },
    ],
    faults: wrong
      ? [`of ${events - few.length} events the busy account got ${deliveries}, in ${requests} requests`]
      : [],
    notes: [`${events} messages at once, ${few.length} of them of ${others.length} other accounts`],
  };
}
